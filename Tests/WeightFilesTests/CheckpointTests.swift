import Testing
import WeightFiles

/// State dicts as people save them: inside checkpoints, beside other things, in odd storages.
@Suite struct CheckpointTests {
  private static let floats: [(String, [Float])] = [("0", [1, 2, 3, 4])]

  private func read(_ pickle: [UInt8], behind: [UInt8] = []) throws -> TensorFile {
    let scratch = try Scratch()
    return try TensorFile.read(
      scratch.file(Zip(pickle: pickle, storages: Self.floats).bytes + behind))
  }

  @Test(arguments: [
    "state_dict", "model", "net", "network", "weights", "params", "model_state", "module", "state",
    "ema", "model_ema",
  ])
  func findsTheStateDictUnderAnyKey(key: String) throws {
    let state = Pickle.dictionary([("w", Pickle.tensor())])
    let file = try read(Pickle.dictionary([("epoch", Pickle.integer(3)), (key, state)]))
    #expect(file.tensors.map(\.name) == ["w"])
    #expect(file.notes.first?.hasPrefix("took the state dict under \"\(key)\"") == true)
    let nested = try read(Pickle.dictionary([("x", Pickle.dictionary([(key, state)]))]))
    #expect(nested.tensors.map(\.name) == ["w"])
  }

  /// Both are there, and the keys tell them apart; a copy counts once.
  @Test func keepsTwoStateDictsApart() throws {
    let plain = Pickle.dictionary([("w", Pickle.tensor())])
    let other = Pickle.dictionary([("w", Pickle.tensor(shape: [2]))])
    let file = try read(Pickle.dictionary([("model", plain), ("ema", other)]))
    #expect(file.tensors.map(\.name) == ["model.w", "ema.w"])
    let same = try read(Pickle.dictionary([("model", plain), ("copy", plain)]))
    #expect(same.tensors.map(\.name) == ["w"])
  }

  static let extras: [(String, [UInt8])] = [
    ("a Counter", Pickle.call("collections", "Counter", Pickle.emptyDictionary)),
    (
      "a defaultdict",
      Pickle.call("collections", "defaultdict", Pickle.global("builtins", "list"))
        + [0x28] + Pickle.string("a") + Pickle.none + [0x75]
    ),
    ("a set of protocol 2", Pickle.call("__builtin__", "set", Pickle.list(Pickle.none))),
    ("a set of protocol 4", [0x8F, 0x28] + Pickle.none + [0x90]),
    ("a frozenset", [0x28] + Pickle.none + [0x91]),
    ("bytes", [0x43, 2, 1, 2]),
    ("a device", Pickle.call("torch", "device", Pickle.string("cpu"))),
    ("a dtype", Pickle.global("torch", "float32")),
    (
      "a numpy scalar",
      Pickle.call(
        "numpy.core.multiarray", "scalar",
        Pickle.call("numpy", "dtype", Pickle.string("f8")) + Pickle.tuple(Pickle.none)
          + Pickle.build
          + Pickle.call("_codecs", "encode", Pickle.string("x") + Pickle.string("latin1")))
    ),
    ("a Namespace", Pickle.object("argparse", "Namespace", [("lr", Pickle.none)])),
    ("a path", Pickle.call("pathlib", "PosixPath", Pickle.string("a"))),
    ("an unknown object", Pickle.object("__main__", "Config", [("lr", Pickle.none)])),
    (
      "a deque",
      Pickle.call("collections", "deque", [0x5D]) + [0x28] + Pickle.none + Pickle.none + [0x65]
    ),
  ]

  @Test(arguments: extras.indices)
  func passesOverWhatIsNotATensor(index: Int) throws {
    let (what, extra) = Self.extras[index]
    let state = Pickle.dictionary([("w", Pickle.tensor())])
    for pickle in [
      Pickle.dictionary([("state_dict", state), ("extra", extra)]),
      Pickle.dictionary([("w", Pickle.tensor()), ("extra", extra)]),
    ] {
      let file = try read(pickle)
      #expect(try file["w"]?.floats() == [1, 2, 3, 4], "\(what)")
      #expect(file.notes.count == 1, "\(what)")
    }
  }

  @Test func readsOddStorages() throws {
    let expanded = Pickle.tensor(shape: [2, 3], strides: [1, 0])
    let windows = Pickle.tensor(shape: [3, 2], strides: [1, 1])
    let file = try read(
      Pickle.dictionary([
        ("w", Pickle.tensor(shape: [2])), ("expanded", expanded), ("windows", windows),
      ]), behind: [UInt8](repeating: 0, count: 100))
    #expect(try file["w"]?.floats() == [1, 2])
    #expect(try file["expanded"]?.floats() == [1, 1, 1, 2, 2, 2])
    #expect(try file["windows"]?.floats() == [1, 2, 2, 3, 3, 4])
    let scratch = try Scratch()
    let legacy = Pickle.legacyFile(
      Pickle.dictionary([("w", Pickle.tensor())]), keys: ["0"], storages: [[1, 2, 3, 4]])
    let read = try TensorFile.read(scratch.file(legacy + [0, 0]))
    #expect(try read["w"]?.floats() == [1, 2, 3, 4])
    #expect(read.notes == ["skipped 2 bytes after the last storage"])
  }

  static let others: [([UInt8], String)] = [
    (Array("<!DOCTYPE html><html></html>".utf8), "is a web page"),
    (Array("\u{FEFF} \n<html><body>".utf8), "is a web page"),
    (Array("version https://git-lfs.github.com/spec/v1\n".utf8), "is a Git LFS pointer"),
    ([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2], "is compressed with gzip"),
    (Array(#"{"metadata": {}, "weight_map": {"a": "b"}}"#.utf8), "is the index of a model"),
    (Array(#"{"a": 1, "b": [1, 2, 3]}"#.utf8), "is JSON text"),
    (Array("Entry not found: try again".utf8), "it begins with \"Entry not found"),
    ([UInt8](repeating: 0, count: 64), "64 zero bytes"),
    ([0x89] + Array("HDF\r\n".utf8) + [0x1A, 0x0A], "is an HDF5 file"),
    ([0xFE, 0xED] + [UInt8](repeating: 0x81, count: 40), "begins with the bytes FE ED 81"),
  ]

  @Test(arguments: others)
  func namesWhatIsNotWeights(bytes: [UInt8], says: String) throws {
    let refused = try #require(try refusal(of: bytes))
    #expect(refused.contains(says), "\(refused)")
  }
}
