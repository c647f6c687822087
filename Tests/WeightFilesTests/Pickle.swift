/// Pickles assembled by hand, to say what no library would write.
enum Pickle {
  static let stop: [UInt8] = [0x2E]
  static let none: [UInt8] = [0x4E]
  static let yes: [UInt8] = [0x88]
  static let no: [UInt8] = [0x89]
  static let reduce: [UInt8] = [0x52]
  static let build: [UInt8] = [0x62]
  static let emptyDictionary: [UInt8] = [0x7D]

  static func whole(_ body: [UInt8]) -> [UInt8] { [0x80, 2] + body + stop }

  static func global(_ module: String, _ name: String) -> [UInt8] {
    [0x63] + Array("\(module)\n\(name)\n".utf8)
  }

  static func string(_ text: String) -> [UInt8] {
    [0x58] + littleEndian(UInt32(text.utf8.count)) + Array(text.utf8)
  }

  /// SHORT_BINSTRING, Python 2's.
  static func oldString(_ text: String) -> [UInt8] {
    [0x55, UInt8(text.utf8.count)] + Array(text.utf8)
  }

  static func integer(_ value: Int) -> [UInt8] { [0x8A, 8] + littleEndian(Int64(value)) }

  static func tuple(_ values: [UInt8]) -> [UInt8] { [0x28] + values + [0x74] }

  static func integers(_ values: [Int]) -> [UInt8] { tuple(values.flatMap(integer)) }

  static func list(_ values: [UInt8]) -> [UInt8] { [0x5D, 0x28] + values + [0x65] }

  static func dictionary(_ items: [(String, [UInt8])]) -> [UInt8] {
    [0x7D, 0x28] + items.flatMap { string($0.0) + $0.1 } + [0x75]
  }

  /// NEWOBJ and BUILD: an object and its attributes.
  static func object(_ module: String, _ name: String, _ state: [(String, [UInt8])]) -> [UInt8] {
    global(module, name) + [0x29, 0x81] + dictionary(state) + build
  }

  /// REDUCE of a name with arguments.
  static func call(_ module: String, _ name: String, _ arguments: [UInt8] = []) -> [UInt8] {
    global(module, name) + tuple(arguments) + reduce
  }

  static func storage(
    _ type: String, key: String, count: Int, view: [[UInt8]] = []
  ) -> [UInt8] {
    tuple(
      string("storage") + global("torch", type) + string(key) + string("cpu") + integer(count)
        + view.flatMap { $0 }) + [0x51]
  }

  /// A float tensor on storage `key` of `count` elements.
  static func tensor(
    key: String = "0", count: Int = 4, offset: Int = 0, shape: [Int] = [4], strides: [Int] = [1],
    type: String = "FloatStorage", view: [[UInt8]] = []
  ) -> [UInt8] {
    global("torch._utils", "_rebuild_tensor_v2")
      + tuple(
        storage(type, key: key, count: count, view: view) + integer(offset) + integers(shape)
          + integers(strides) + no + emptyDictionary) + reduce
  }

  static func legacyFile(
    _ state: [UInt8], keys: [String], storages: [[Float]], littleEndianSystem: Bool = true
  ) -> [UInt8] {
    let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
    var file = whole([0x8A, 10] + magic) + whole(integer(1001))
    file += whole(dictionary([("little_endian", littleEndianSystem ? yes : no)]))
    file += whole(state) + whole(list(keys.flatMap(string)))
    for storage in storages {
      file += littleEndian(Int64(storage.count)) + storage.flatMap { littleEndian($0.bitPattern) }
    }
    return file
  }
}
