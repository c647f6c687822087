import Files
import Terminal

extension TorchReader {
  /// 0x1950A86A20F9469CFC6C, little-endian: the first pickle of a legacy file.
  static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]

  /// The format of PyTorch 0.1.10 to 1.5: five pickles (magic number, protocol 1001, system, state dict,
  /// storage keys), then for every key an element count in eight bytes and the elements.
  static func readLegacy(_ file: MappedFile) throws(FileError) -> TensorFile {
    func fail(_ message: String) -> FileError {
      FileError(file.path, message)
    }
    var machine = PickleMachine(file.bytes, in: 0..<file.bytes.count)
    let root: PickleValue
    let keyList: [PickleValue]
    do throws(PickleFailure) {
      guard try machine.read() == .longInteger(magic) else {
        throw PickleFailure(
          message:
            "is a pickle, but not a file of torch.save: no magic number; save the state dict "
            + "with torch.save or safetensors")
      }
      guard try machine.read() == .integer(1001) else {
        throw PickleFailure(message: "the legacy protocol is not 1001")
      }
      let system = try machine.read()
      try checkSystem(machine, system)
      root = try machine.read()
      guard case .list(let keys) = try machine.read() else {
        throw PickleFailure(message: "expected a list of storage keys after the state dict")
      }
      keyList = machine.lists[keys]
    } catch {
      throw fail(error.message)
    }
    let entries = try StateDict(machine, root, path: file.path)
    var assembly = TorchAssembly(machine: machine, file: file)
    let end = file.bytes.count
    var cursor = ByteCursor(file.bytes, in: machine.cursor.offset..<end)
    for value in keyList {
      guard case .string(let key) = value, let storage = machine.storageNumbers[key],
        assembly.bytes[storage] == nil
      else {
        throw fail("the list of storage keys names one twice, or one that no tensor uses")
      }
      let description = machine.storages[storage]
      let count = cursor.uint64()
      guard count == UInt64(description.count) else {
        let found = count.map { "\($0)" } ?? "the end of the file"
        throw fail(
          "storage \(quoted(key)) should have \(description.count) elements, got \(found)")
      }
      guard let range = cursor.range(description.count * description.element.byteCount) else {
        throw fail(
          "storage \(quoted(key)) needs \(description.count) \(description.element.rawValue), but "
            + "\(end - cursor.offset) bytes are left: cut short")
      }
      assembly.bytes[storage] = file.contents[range]
    }
    let rest = end - cursor.offset
    return try assembly.file(
      .torchLegacy, of: entries,
      notes: rest > 0 ? ["skipped \(rest) bytes after the last storage"] : [])
  }

  /// The description of the system that wrote the file: only little-endian ones are read.
  static func checkSystem(
    _ machine: PickleMachine, _ system: PickleValue
  ) throws(PickleFailure) {
    guard case .dictionary(let system) = system,
      let order = machine.dictionaries[system].first(where: { $0.key == .string("little_endian") })
    else {
      throw PickleFailure(message: "expected the description of the system after the protocol")
    }
    guard order.value == .boolean(true) else {
      throw PickleFailure(message: "was written with another byte order, expected little-endian")
    }
  }
}
