import Files
import Testing
import WeightFiles

/// Broken and malicious PyTorch files: each is refused in one sentence, and nothing is run.
@Suite struct TorchRefusalTests {
  static let good = Pickle.tensor()
  static let fourFloats: [(String, [Float])] = [("0", [1, 2, 3, 4])]

  /// A whole pickle's body, and a part of the sentence that refuses it.
  static let pickles: [(String, [UInt8], String)] = [
    (
      "os.system by REDUCE",
      Pickle.global("posix", "system") + Pickle.tuple(Pickle.string("touch /tmp/owned"))
        + Pickle.reduce, "posix.system is refused"
    ),
    (
      "eval by name",
      Pickle.global("builtins", "eval") + Pickle.tuple(Pickle.string("1")) + Pickle.reduce,
      "builtins.eval is refused"
    ),
    (
      "a function by STACK_GLOBAL",
      Pickle.string("os") + Pickle.string("system") + [0x93], "os.system is refused"
    ),
    (
      "a whole module",
      Pickle.global("__main__", "HydraNet"), "__main__.HydraNet is refused: only what a state dict"
    ),
    ("getattr through torch", Pickle.global("torch", "load"), "torch.load is refused"),
    (
      "a name with escapes in it",
      Pickle.global("\u{1B}[2Jos", "system"), "\\u{1b}[2Jos.system is refused"
    ),
    ("INST", [0x28, 0x69] + Array("os\nsystem\n".utf8), "instruction INST at byte 3 is refused"),
    ("OBJ", [0x28, 0x6F], "instruction OBJ"),
    (
      "NEWOBJ", Pickle.global("torch", "Size") + [0x29, 0x81], "an object of torch.Size is refused"
    ),
    (
      "a call beside the weights",
      Pickle.dictionary([
        ("w", good),
        (
          "x",
          Pickle.global("os", "system") + Pickle.tuple(Pickle.string("id")) + Pickle.reduce
        ),
      ]), "os.system is refused"
    ),
    (
      "a whole model",
      Pickle.object("nets", "Net", [("_parameters", Pickle.emptyDictionary), ("w", good)]),
      "holds a whole model of the class nets.Net"
    ),
    (
      "a whole model under a key",
      Pickle.dictionary([
        ("model", Pickle.object("nets", "Net", [("_parameters", Pickle.emptyDictionary)]))
      ]), "a whole model of the class nets.Net under \"model\""
    ),
    (
      "another object", Pickle.object("nets", "Config", [("lr", Pickle.none)]),
      "holds an object of nets.Config"
    ),
    ("EXT1", [0x82, 1], "instruction EXT1"),
    ("an unknown instruction", [0xFF], "instruction 0xff"),
    (
      "a storage class called",
      Pickle.global("torch", "FloatStorage") + Pickle.integers([1]) + Pickle.reduce,
      "torch.FloatStorage with 1 arguments is refused"
    ),
    (
      "BUILD on a storage",
      Pickle.storage("FloatStorage", key: "0", count: 4) + Pickle.emptyDictionary + Pickle.build,
      "setting a dictionary on a storage is refused"
    ),
    (
      "a quantized storage",
      Pickle.dictionary([("w", Pickle.tensor(type: "QInt8Storage"))]),
      "torch.QInt8Storage is refused"
    ),
    ("protocol 9", [0x80, 9], "protocol 9, expected 2 to 5"),
    ("an empty stack", Pickle.reduce, "the stack is empty"),
    ("a stack below a mark", Pickle.none + [0x28, 0x85], "the stack is empty"),
    ("no mark", [0x74], "there is no mark"),
    ("an unknown memo", [0x68, 3], "memo 3 was never put"),
    ("two values left", Pickle.none + Pickle.none, "leaves 2 values"),
    ("a string longer than the file", [0x58, 0xFF, 0xFF, 0xFF, 0x7F], "cut short"),
    ("a negative string", [0x54, 0xFF, 0xFF, 0xFF, 0xFF], "cut short"),
    ("a string that is not UTF-8", [0x58, 1, 0, 0, 0, 0xFF], "not UTF-8"),
    ("a key without a value", [0x7D, 0x28, 0x4E, 0x75], "a key has no value"),
    ("no dictionary", Pickle.list(Pickle.none), "holds a list, expected a state dict"),
    ("nothing in it", Pickle.emptyDictionary, "holds no tensors"),
    (
      "no tensors in it", Pickle.dictionary([("epoch", Pickle.integer(3))]),
      "holds no tensors, expected a state dict, alone or under \"state_dict\""
    ),
    (
      "a name twice", Pickle.dictionary([("w", good), ("w", good)]), "tensor \"w\" is named twice"
    ),
    (
      "a name twice in a nested state dict",
      Pickle.dictionary([("model", Pickle.dictionary([("w", good), ("w", good)]))]),
      "tensor \"w\" is named twice"
    ),
    (
      "a shape beyond the storage", Pickle.dictionary([("w", Pickle.tensor(shape: [5]))]),
      "leaves its storage of 4 elements"
    ),
    (
      "an offset beyond the storage", Pickle.dictionary([("w", Pickle.tensor(offset: 1))]),
      "leaves its storage of 4 elements"
    ),
    (
      "strides beyond the storage",
      Pickle.dictionary([("w", Pickle.tensor(shape: [2, 2], strides: [3, 1]))]),
      "leaves its storage of 4 elements"
    ),
    (
      "a stride that overflows",
      Pickle.dictionary([("w", Pickle.tensor(shape: [3], strides: [.max / 2 + 1]))]),
      "leaves its storage of 4 elements"
    ),
    (
      "a negative offset", Pickle.dictionary([("w", Pickle.tensor(offset: -1))]),
      "leaves its storage"
    ),
    (
      "a negative dimension", Pickle.dictionary([("w", Pickle.tensor(shape: [-4]))]),
      "impossible dimensions"
    ),
    (
      "a negative stride", Pickle.dictionary([("w", Pickle.tensor(strides: [-1]))]),
      "impossible dimensions"
    ),
    (
      "fewer strides than dimensions", Pickle.dictionary([("w", Pickle.tensor(shape: [2, 2]))]),
      "impossible dimensions"
    ),
    (
      "dimensions that overflow",
      Pickle.dictionary([("w", Pickle.tensor(shape: [1 << 32, 1 << 32], strides: [1, 1]))]),
      "impossible dimensions"
    ),
    (
      "a tensor expanded to a terabyte",
      Pickle.dictionary([("w", Pickle.tensor(shape: [1 << 38], strides: [0]))]),
      "is expanded from a storage of 4 elements"
    ),
    (
      "many tensors expanded to megabytes",
      Pickle.dictionary(
        (1...9).map { ("w\($0)", Pickle.tensor(shape: [$0, 3_500_000 / $0], strides: [0, 0])) }),
      "far more bytes than the file has"
    ),
    (
      "seventeen dimensions",
      Pickle.dictionary([
        (
          "w",
          Pickle.tensor(
            shape: [Int](repeating: 1, count: 17), strides: [Int](repeating: 1, count: 17))
        )
      ]), "at most 16 dimensions"
    ),
    (
      "a storage described in two ways",
      Pickle.dictionary([("a", good), ("b", Pickle.tensor(type: "IntStorage"))]),
      "described in two ways"
    ),
    (
      "a storage of negative size", Pickle.dictionary([("w", Pickle.tensor(count: -1))]),
      "claims -1 elements"
    ),
    (
      "a storage of more than 64 bits of bytes",
      Pickle.dictionary([("w", Pickle.tensor(count: 1 << 62))]), "claims 4611686018427387904"
    ),
    (
      "a huge storage", Pickle.dictionary([("w", Pickle.tensor(count: 1 << 40, shape: [1 << 40]))]),
      "has 16 bytes, expected 4398046511104"
    ),
    (
      "a storage that is not there", Pickle.dictionary([("w", Pickle.tensor(key: "9"))]),
      "lacks \"a/data/9\""
    ),
    (
      "a storage key that climbs", Pickle.dictionary([("w", Pickle.tensor(key: "../../0"))]),
      "lacks \"a/data/../../0\""
    ),
    (
      "a view of a storage",
      Pickle.dictionary([("w", Pickle.tensor(view: [Pickle.integers([1, 2])]))]),
      "a view of another"
    ),
    (
      "a persistent id that is no tuple", Pickle.string("storage") + [0x51],
      "a tuple of 5 or 6"
    ),
    ("a pickle bomb of empty lists", [UInt8](repeating: 0x5D, count: 600_000), "instructions"),
    (
      "a nest a hundred thousand deep",
      [UInt8](repeating: 0x5D, count: 100_000) + [UInt8](repeating: 0x61, count: 99_999),
      "holds a list"
    ),
    (
      "a list that holds itself", [0x5D, 0x71, 0, 0x68, 0, 0x61], "holds a list"
    ),
  ]

  @Test(arguments: pickles.indices)
  func refusesThePickle(index: Int) throws {
    let (what, pickle, message) = Self.pickles[index]
    let zip = Zip(pickle: pickle, storages: Self.fourFloats)
    let refused = try #require(try refusal(of: zip.bytes), "read: \(what)")
    #expect(refused.contains(message), "\(what): \(refused)")
    #expect(!refused.contains { $0.isNewline || $0 == "\u{1B}" })
  }

  static let archives: [(String, @Sendable (inout Zip) -> Void, String)] = [
    ("a bad checksum", { $0.entries[$0["data/0"]].checksumError = 1 }, "is damaged: its CRC-32"),
    (
      "a bad checksum of the pickle", { $0.entries[$0["data.pkl"]].checksumError = 1 },
      "\"a/data.pkl\" is damaged"
    ),
    (
      "a changed weight",
      {
        $0.entries[$0["data/0"]].data[0] ^= 1
        $0.entries[$0["data/0"]].checksumError = 7
      },
      "is damaged"
    ),
    ("a deflated entry", { $0.entries[$0["data/0"]].method = 8 }, "is compressed (method 8)"),
    ("an encrypted entry", { $0.entries[$0["data/0"]].flags = 1 }, "is encrypted"),
    (
      "big-endian", { $0.entries[$0["byteorder"]].data = Array("big".utf8) },
      "other byte orders are not read"
    ),
    ("a short storage", { $0.entries[$0["data/0"]].data.removeLast() }, "15 bytes, expected 16"),
    ("a long storage", { $0.entries[$0["data/0"]].data.append(0) }, "17 bytes, expected 16"),
    ("a missing storage", { $0.entries.remove(at: $0["data/0"]) }, "lacks \"a/data/0\""),
    ("no pickle", { $0.entries.remove(at: $0["data.pkl"]) }, "has 0 entries NAME/data.pkl"),
    (
      "two pickles", { $0.entries.append(.init(name: "b/data.pkl", data: [])) },
      "has 2 entries NAME/data.pkl"
    ),
    ("an entry twice", { $0.entries.append($0.entries[0]) }, "two entries \"a/data.pkl\""),
    (
      "TorchScript", { $0.entries.append(.init(name: "a/constants.pkl", data: [])) },
      "TorchScript archive"
    ),
    (
      "a huge entry", { $0.entries[$0["data/0"]].claimedSize = 0x7FFF_FFFF },
      "claims 2147483647 bytes"
    ),
    (
      "an entry over the next", { $0.entries[$0["data.pkl"]].claimedSize = 200 }, "overlap"
    ),
    (
      "two entries in one place", { $0.entries[$0["byteorder"]].claimedOffset = 0 },
      "not where the directory says"
    ),
    (
      "an entry outside the file", { $0.entries[$0["data/0"]].claimedOffset = 0x7FFF_0000 },
      "outside the file"
    ),
    (
      "a directory outside the file", { $0.claimedDirectoryOffset = 0x7FFF_0000 },
      "lies outside the file"
    ),
    ("more entries than there are", { $0.claimedEntryCount = 60_000 }, "zip entry 3 of 60000"),
  ]

  @Test(arguments: archives.indices)
  func refusesTheArchive(index: Int) throws {
    let (what, damage, message) = Self.archives[index]
    for isZip64 in [false, true] {
      var zip = Zip(pickle: Pickle.dictionary([("w", Self.good)]), storages: Self.fourFloats)
      zip.isZip64 = isZip64
      #expect(try refusal(of: zip.bytes) == nil)
      damage(&zip)
      let refused = try #require(try refusal(of: zip.bytes), "read: \(what)")
      #expect(refused.contains(message), "\(what): \(refused)")
    }
  }

  static let legacyFiles: [(String, [UInt8], String)] = [
    ("a pickle of other make", Pickle.whole(Pickle.integer(5)), "no magic number"),
    (
      "os.system before everything",
      Pickle.whole(
        Pickle.global("posix", "system") + Pickle.tuple(Pickle.string("id")) + Pickle.reduce),
      "posix.system is refused"
    ),
    (
      "os.system as the state dict",
      Pickle.legacyFile(
        Pickle.global("posix", "system") + Pickle.tuple(Pickle.string("id")) + Pickle.reduce,
        keys: [], storages: []), "posix.system is refused"
    ),
    (
      "big-endian",
      Pickle.legacyFile(
        Pickle.dictionary([("w", good)]), keys: ["0"], storages: [[1, 2, 3, 4]],
        littleEndianSystem: false), "another byte order"
    ),
    (
      "a storage key twice",
      Pickle.legacyFile(
        Pickle.dictionary([("w", good)]), keys: ["0", "0"], storages: [[1, 2, 3, 4]]),
      "names one twice"
    ),
    (
      "an unknown storage key",
      Pickle.legacyFile(Pickle.dictionary([("w", good)]), keys: ["1"], storages: [[1, 2, 3, 4]]),
      "that no tensor uses"
    ),
    (
      "no storage keys",
      Pickle.legacyFile(Pickle.dictionary([("w", good)]), keys: [], storages: []),
      "\"0\" of tensor \"w\" is not in the file"
    ),
    (
      "a storage of another size",
      Pickle.legacyFile(Pickle.dictionary([("w", good)]), keys: ["0"], storages: [[1, 2, 3]]),
      "should have 4 elements, got 3"
    ),
    (
      "a huge storage",
      Pickle.legacyFile(
        Pickle.dictionary([("w", Pickle.tensor(count: 1 << 40, shape: [1 << 40]))]), keys: ["0"],
        storages: []) + littleEndian(Int64(1 << 40)), "0 bytes are left: cut short"
    ),
  ]

  @Test(arguments: legacyFiles.indices)
  func refusesTheLegacyFile(index: Int) throws {
    let (what, file, message) = Self.legacyFiles[index]
    let refused = try #require(try refusal(of: file), "read: \(what)")
    #expect(refused.contains(message), "\(what): \(refused)")
  }

  @Test(arguments: ["model.pth", "model.legacy.pth", "checkpoint.pth"])
  func refusesEveryTruncation(name: String) throws {
    let bytes = try goldenBytes(name)
    for count in stride(from: 1, to: bytes.count, by: 53) {
      #expect(try refusal(of: Array(bytes.prefix(count))) != nil, "\(count) bytes of \(name)")
    }
  }

  /// Whatever byte is damaged: refused, or every tensor as before (a byte of padding or of a date),
  /// or, in the format without checksums, other values; never a crash.
  @Test(arguments: ["model.pth", "model.legacy.pth", "model.tar.pth"])
  func survivesEveryFlip(name: String) throws {
    let bytes = try goldenBytes(name)
    let scratch = try Scratch()
    var refusals = 0
    // Most zeros are padding, which means nothing.
    let places = bytes.indices.filter { bytes[$0] != 0 }
    for offset in stride(from: 0, to: places.count, by: places.count / 400).map({ places[$0] }) {
      var damaged = bytes
      damaged[offset] ^= UInt8(1 << (offset % 8))
      do {
        let file = try TensorFile.read(try scratch.file(damaged))
        if file.format == .torchZip, let weight = file["conv1.weight"] {
          #expect(try weight.floats() == goldenFloats(54), "byte \(offset)")
        }
      } catch let error as FileError {
        #expect(!error.message.isEmpty)
        refusals += 1
      }
    }
    #expect(refusals > 50)
  }
}
