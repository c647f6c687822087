/// A zip archive taken apart, to be put together again with faults.
struct Zip {
  struct Entry {
    var name: String
    var data: [UInt8]
    var method: UInt16 = 0
    var flags: UInt16 = 0
    /// Added to the right checksum.
    var checksumError: UInt32 = 0
    /// What the directory claims instead of the true size and place.
    var claimedSize: UInt32?
    var claimedOffset: UInt32?
  }

  var entries: [Entry]
  var isZip64 = false
  var claimedEntryCount: UInt16?
  var claimedDirectoryOffset: UInt32?

  init(entries: [(String, [UInt8])]) {
    self.entries = entries.map { Entry(name: $0.0, data: $0.1) }
  }

  /// A file of `torch.save` with this pickle and these storages of floats.
  init(pickle: [UInt8], storages: [(String, [Float])] = []) {
    let data = storages.map { ("a/data/\($0.0)", $0.1.flatMap { littleEndian($0.bitPattern) }) }
    self.init(
      entries: [("a/data.pkl", Pickle.whole(pickle)), ("a/byteorder", Array("little".utf8))] + data)
  }

  /// Takes apart an archive of stored entries.
  init(_ bytes: [UInt8]) {
    func number(_ offset: Int, _ count: Int) -> Int {
      (0..<count).reversed().reduce(0) { $0 << 8 | Int(bytes[offset + $1]) }
    }
    var entries: [(String, [UInt8])] = []
    var end = bytes.count - 22
    while number(end, 4) != 0x0605_4B50 { end -= 1 }
    var offset = number(end + 16, 4)
    while number(offset, 4) == 0x0201_4B50 {
      let (size, nameCount) = (number(offset + 24, 4), number(offset + 28, 2))
      let name = String(decoding: bytes[offset + 46..<offset + 46 + nameCount], as: UTF8.self)
      let header = number(offset + 42, 4)
      let data = header + 30 + number(header + 26, 2) + number(header + 28, 2)
      entries.append((name, Array(bytes[data..<data + size])))
      offset += 46 + nameCount + number(offset + 30, 2) + number(offset + 32, 2)
    }
    self.init(entries: entries)
  }

  subscript(name: String) -> Int {
    entries.firstIndex { $0.name.hasSuffix(name) } ?? 0
  }

  var bytes: [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let offset = UInt32(file.count)
      let checksum = Self.checksum(entry.data) &+ entry.checksumError
      let size = entry.claimedSize ?? UInt32(entry.data.count)
      let name = Array(entry.name.utf8)
      let common = littleEndian(entry.flags) + littleEndian(entry.method) + [0, 0, 0, 0]
      file += littleEndian(UInt32(0x0403_4B50)) + [20, 0] + common + littleEndian(checksum)
      file += littleEndian(UInt32(entry.data.count)) + littleEndian(UInt32(entry.data.count))
      file += littleEndian(UInt16(name.count)) + [3, 0] + name + [1, 2, 3] + entry.data
      let claimedOffset = entry.claimedOffset ?? offset
      directory += littleEndian(UInt32(0x0201_4B50)) + [20, 0, 20, 0] + common
      directory += littleEndian(checksum)
      let wide =
        littleEndian(UInt16(1)) + littleEndian(UInt16(24)) + littleEndian(UInt64(size))
        + littleEndian(UInt64(size)) + littleEndian(UInt64(claimedOffset))
      let full = littleEndian(UInt32.max)
      directory += isZip64 ? full + full : littleEndian(size) + littleEndian(size)
      directory += littleEndian(UInt16(name.count))
      directory += littleEndian(UInt16(isZip64 ? wide.count : 0)) + [UInt8](repeating: 0, count: 10)
      directory += isZip64 ? full + name + wide : littleEndian(claimedOffset) + name
    }
    let start = claimedDirectoryOffset ?? UInt32(file.count)
    let count = claimedEntryCount ?? UInt16(entries.count)
    let size = UInt32(directory.count)
    file += directory
    guard isZip64 else {
      return file + littleEndian(UInt32(0x0605_4B50)) + [0, 0, 0, 0] + littleEndian(count)
        + littleEndian(count) + littleEndian(size) + littleEndian(start) + [0, 0]
    }
    let record = UInt64(file.count)
    file += littleEndian(UInt32(0x0606_4B50)) + littleEndian(UInt64(44)) + [45, 0, 45, 0]
    file += [UInt8](repeating: 0, count: 8) + littleEndian(UInt64(count))
    file += littleEndian(UInt64(count)) + littleEndian(UInt64(size)) + littleEndian(UInt64(start))
    file += littleEndian(UInt32(0x0706_4B50)) + [0, 0, 0, 0] + littleEndian(record) + [1, 0, 0, 0]
    return file + littleEndian(UInt32(0x0605_4B50)) + [0, 0, 0, 0]
      + [UInt8](repeating: 0xFF, count: 12) + [0, 0]
  }

  /// CRC-32 bit by bit, as the standard defines it.
  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in
        value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0)
      }
    }
  }
}
