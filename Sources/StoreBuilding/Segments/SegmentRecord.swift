import Checksums
import Faces
import Images

/// What a build learnt of one photograph.
package struct SegmentRecord: Equatable, Sendable {
  package enum Outcome: Equatable, Sendable {
    /// - Parameter labels: one element of every label column, as the columns hold them.
    case sample(labels: [UInt8], measures: ImageMeasures, sums: ChannelSums)
    case rejected(RejectReason, message: String)
  }

  /// Relative to the source, as the file system or the archive has it.
  package var path: [UInt8]
  /// SHA-256 of the bytes that were decoded, 32 of them; of a file that could not be read, empty.
  package var contentHash: [UInt8]
  package var outcome: Outcome

  package init(path: [UInt8], contentHash: [UInt8], outcome: Outcome) {
    self.path = path
    self.contentHash = contentHash
    self.outcome = outcome
  }
}

/// How a record lies in a segment's `records` file. All numbers are little-endian.
///
/// | bytes | what |
/// |---|---|
/// | 4 | size of the body |
/// | 4 | CRC-32C of everything that follows |
/// | 4 | size of the chunk in the `chunks` file, behind those of the records before; 0 for a reject |
/// | 4 | the chunk's own CRC-32C, its last four bytes |
/// | … | the body: kind, path, hash; then labels, measures and sums, or reason and message |
enum SegmentCoding {
  static let headerByteCount = 16
  /// A path, a message and labels are far below it.
  static let largestBody = 1 << 20

  static func append(
    _ record: SegmentRecord, chunkByteCount: Int, chunkChecksum: UInt32, to bytes: inout [UInt8]
  ) {
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: headerByteCount))
    appendBody(of: record, to: &bytes)
    let bodyByteCount = bytes.count - start - headerByteCount
    precondition(bodyByteCount <= largestBody, "a record's body has at most \(largestBody) bytes")
    bytes.withUnsafeMutableBytes { buffer in
      let header = UnsafeMutableRawBufferPointer(rebasing: buffer[start...])
      func store(_ value: UInt32, at offset: Int) {
        header.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
      }
      store(UInt32(bodyByteCount), at: 0)
      store(UInt32(chunkByteCount), at: 8)
      store(chunkChecksum, at: 12)
      store(CRC32C.checksum(UnsafeRawBufferPointer(rebasing: header[8...])), at: 4)
    }
  }

  private static func appendBody(of record: SegmentRecord, to bytes: inout [UInt8]) {
    func append(_ value: some FixedWidthInteger) {
      withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
    func append(_ list: some Collection<UInt8>) {
      append(UInt32(list.count))
      bytes.append(contentsOf: list)
    }
    switch record.outcome {
    case .sample: append(UInt8(0))
    case .rejected: append(UInt8(1))
    }
    append(record.path)
    append(record.contentHash)
    switch record.outcome {
    case .sample(let labels, let measures, let sums):
      append(labels)
      append(measures.perceptualHash)
      append(measures.width)
      append(measures.height)
      append(measures.brightness)
      append(measures.contrast)
      append(measures.sharpness)
      append(measures.colorfulness)
      for channel in 0..<3 {
        append(sums.sum[channel])
        append(sums.squares[channel])
      }
    case .rejected(let reason, let message):
      append(Array(reason.rawValue.utf8))
      append(Array(message.utf8))
    }
  }

  /// A record, and how far it and its chunk reach.
  struct Decoded {
    let record: SegmentRecord
    let byteCount: Int
    let chunkByteCount: Int
    let chunkChecksum: UInt32
  }

  /// - Parameter bytes: from the record's first byte on.
  /// - Returns: nil where there is no whole and sound record.
  static func decode(_ bytes: UnsafeRawBufferPointer) -> Decoded? {
    guard bytes.count >= headerByteCount else { return nil }
    func word(_ offset: Int) -> UInt32 {
      UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
    let end = headerByteCount + Int(word(0))
    guard end - headerByteCount <= largestBody, end <= bytes.count,
      CRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes[8..<end])) == word(4),
      let record = body(UnsafeRawBufferPointer(rebasing: bytes[headerByteCount..<end]))
    else { return nil }
    return Decoded(
      record: record, byteCount: end, chunkByteCount: Int(word(8)), chunkChecksum: word(12))
  }

  private static func body(_ bytes: UnsafeRawBufferPointer) -> SegmentRecord? {
    var rest = bytes[...]
    func number<Value: FixedWidthInteger>(_: Value.Type) -> Value? {
      guard rest.count >= MemoryLayout<Value>.size else { return nil }
      let value = UnsafeRawBufferPointer(rebasing: rest).loadUnaligned(as: Value.self)
      rest = rest.dropFirst(MemoryLayout<Value>.size)
      return Value(littleEndian: value)
    }
    func list() -> [UInt8]? {
      guard let count = number(UInt32.self), Int(count) <= rest.count else { return nil }
      defer { rest = rest.dropFirst(Int(count)) }
      return Array(rest.prefix(Int(count)))
    }
    guard let kind = number(UInt8.self), let path = list(), let hash = list(),
      hash.isEmpty || hash.count == 32, let first = list()
    else { return nil }
    switch kind {
    case 0:
      var measures = ImageMeasures()
      var sums = ChannelSums()
      guard let perceptualHash = number(UInt64.self), let width = number(UInt32.self),
        let height = number(UInt32.self), let brightness = number(UInt16.self),
        let contrast = number(UInt16.self), let sharpness = number(UInt16.self),
        let colorfulness = number(UInt16.self)
      else { return nil }
      measures.perceptualHash = perceptualHash
      (measures.width, measures.height) = (width, height)
      (measures.brightness, measures.contrast) = (brightness, contrast)
      (measures.sharpness, measures.colorfulness) = (sharpness, colorfulness)
      for channel in 0..<3 {
        guard let sum = number(UInt64.self), let squares = number(UInt64.self) else { return nil }
        sums.sum[channel] = sum
        sums.squares[channel] = squares
      }
      guard rest.isEmpty, hash.count == 32 else { return nil }
      return SegmentRecord(
        path: path, contentHash: hash,
        outcome: .sample(labels: first, measures: measures, sums: sums))
    case 1:
      guard let reason = RejectReason(rawValue: String(decoding: first, as: UTF8.self)),
        let message = list(), rest.isEmpty
      else { return nil }
      return SegmentRecord(
        path: path, contentHash: hash,
        outcome: .rejected(reason, message: String(decoding: message, as: UTF8.self)))
    default: return nil
    }
  }
}
