/// A protobuf message in wire format, built field by field: https://protobuf.dev/programming-guides/encoding.
///
/// Large byte fields are kept as references, so that nesting a message in another, which must
/// know its length first, copies no weights.
struct ProtobufMessage {
  private enum Piece {
    case small([UInt8])
    case large(TensorBytes)
  }

  private var pieces: [Piece] = []
  /// Bytes of the message.
  private(set) var count = 0

  /// int32, int64, bool or enum; a negative number takes ten bytes, as the format has it.
  mutating func add(_ field: Int, integer: Int) {
    append(Self.varint(UInt64(field) << 3) + Self.varint(UInt64(bitPattern: Int64(integer))))
  }

  mutating func add(_ field: Int, float: Float) {
    let bits = float.bitPattern
    append(
      Self.varint(UInt64(field) << 3 | 5)
        + (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) })
  }

  mutating func add(_ field: Int, string: String) {
    let bytes = Array(string.utf8)
    append(Self.header(field, bytes.count) + bytes)
  }

  mutating func add(_ field: Int, bytes: TensorBytes) {
    append(Self.header(field, bytes.count))
    pieces.append(.large(bytes))
    count += bytes.count
  }

  mutating func add(_ field: Int, message: ProtobufMessage) {
    append(Self.header(field, message.count))
    for piece in message.pieces {
      switch piece {
      case .small(let bytes): append(bytes)
      case .large(let bytes):
        pieces.append(piece)
        count += bytes.count
      }
    }
  }

  /// Hands over the message's bytes, in order.
  func write(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    for piece in pieces {
      switch piece {
      case .small(let bytes): try bytes.withUnsafeBytes { try body($0) }
      case .large(let bytes):
        try bytes.withUnsafeBytes { try body($0) }
        try bytes.checkWhole()
      }
    }
  }

  private mutating func append(_ bytes: [UInt8]) {
    count += bytes.count
    if case .small(let last)? = pieces.last {
      pieces[pieces.count - 1] = .small(last + bytes)
    } else {
      pieces.append(.small(bytes))
    }
  }

  private static func header(_ field: Int, _ count: Int) -> [UInt8] {
    varint(UInt64(field) << 3 | 2) + varint(UInt64(count))
  }

  static func varint(_ value: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}
