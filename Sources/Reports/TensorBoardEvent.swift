import Checksums

/// A record of a TensorBoard event file: the fields of `tensorflow/core/util/event.proto` that
/// scalars need, in protobuf's wire format.
struct TensorBoardEvent {
  enum Content {
    /// The first record of every file.
    case fileVersion
    /// Says that what earlier files of the folder say about this step and later ones is void.
    case sessionStart
    case scalars([(tag: String, value: Float)])
  }

  /// Seconds since 1970.
  let time: Double
  let step: Int
  let content: Content

  /// The message framed as a TFRecord: length, its masked CRC, the message, its masked CRC.
  var record: [UInt8] {
    let message = message
    let length = littleEndian(UInt64(message.count))
    return length + littleEndian(CRC32C.masked(of: length)) + message
      + littleEndian(CRC32C.masked(of: message))
  }

  private var message: [UInt8] {
    var bytes = [1 << 3 | 1] + littleEndian(time.bitPattern)
    if step != 0 { bytes += [2 << 3] + varint(UInt64(bitPattern: Int64(step))) }
    switch content {
    case .fileVersion: bytes += field(3, Array("brain.Event:2".utf8))
    case .sessionStart: bytes += field(7, [1 << 3, 1])
    case .scalars(let scalars):
      bytes += field(
        5,
        scalars.flatMap { scalar in
          let value =
            field(1, Array(scalar.tag.utf8)) + [2 << 3 | 5] + littleEndian(scalar.value.bitPattern)
          return field(1, value)
        })
    }
    return bytes
  }

  private func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    [number << 3 | 2] + varint(UInt64(bytes.count)) + bytes
  }

  private func varint(_ value: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  private func littleEndian<Integer: FixedWidthInteger>(_ value: Integer) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}
