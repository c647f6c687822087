/// The fields of a protobuf message in wire format, read for tests.
struct Protobuf {
  enum Value: Equatable {
    case integer(UInt64)
    case fixed32(UInt32)
    case bytes([UInt8])
  }

  struct Malformed: Error {}

  let fields: [(number: Int, value: Value)]

  init(_ bytes: [UInt8]) throws {
    var offset = 0
    func varint() throws -> UInt64 {
      var value: UInt64 = 0
      for shift in stride(from: UInt64(0), to: 64, by: 7) {
        guard offset < bytes.count else { throw Malformed() }
        value |= UInt64(bytes[offset] & 0x7F) << shift
        offset += 1
        if bytes[offset - 1] < 0x80 { return value }
      }
      throw Malformed()
    }
    func run(_ count: Int) throws -> [UInt8] {
      guard count <= bytes.count - offset else { throw Malformed() }
      defer { offset += count }
      return Array(bytes[offset..<offset + count])
    }
    var fields: [(Int, Value)] = []
    while offset < bytes.count {
      let key = try varint()
      switch key & 7 {
      case 0: fields.append((Int(key >> 3), .integer(try varint())))
      case 2: fields.append((Int(key >> 3), .bytes(try run(Int(try varint())))))
      case 5:
        let bits = try run(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        fields.append((Int(key >> 3), .fixed32(bits)))
      default: throw Malformed()
      }
    }
    self.fields = fields
  }

  func integers(_ number: Int) -> [UInt64] {
    fields.compactMap {
      if $0.number == number, case .integer(let value) = $0.value { value } else { nil }
    }
  }

  func byteFields(_ number: Int) -> [[UInt8]] {
    fields.compactMap {
      if $0.number == number, case .bytes(let value) = $0.value { value } else { nil }
    }
  }

  func strings(_ number: Int) -> [String] {
    byteFields(number).map { String(decoding: $0, as: UTF8.self) }
  }

  func messages(_ number: Int) throws -> [Protobuf] {
    try byteFields(number).map { try Protobuf($0) }
  }
}
