import Checksums
import Experiment
import Faces
import Images

/// How a record lies in a segment's `records` file. All numbers are little-endian.
///
/// | bytes | what |
/// |---|---|
/// | 4 | size of the body |
/// | 4 | CRC-32C of everything that follows |
/// | 8, 4, 4 | the chunk's place and size in the `chunks` file, and its own CRC-32C |
/// | 1, 1, 8 | the body: kind, remarks, bytes of the file |
/// | … | path, hash; then labels, measures and sums, or reason and message |
///
/// A list of bytes has its size in front, in 4 bytes.
enum SegmentCoding {
  static let headerByteCount = 24
  static let fixedByteCount = 10
  /// Behind the labels: a hash, two sizes, four figures, and six sums.
  static let measuresByteCount = 8 + 2 * 4 + 4 * 2 + 6 * 8
  /// A path, a message and labels are far below it.
  static let largestBody = 1 << 20

  static func append(_ record: SegmentRecord, chunk: SegmentChunk, to bytes: inout [UInt8]) {
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: headerByteCount))
    appendBody(of: record, to: &bytes)
    let bodyByteCount = bytes.count - start - headerByteCount
    precondition(bodyByteCount <= largestBody, "a record's body has at most \(largestBody) bytes")
    bytes.withUnsafeMutableBytes { buffer in
      let header = UnsafeMutableRawBufferPointer(rebasing: buffer[start...])
      header.storeBytes(of: UInt32(bodyByteCount).littleEndian, as: UInt32.self)
      header.storeBytes(of: UInt64(chunk.offset).littleEndian, toByteOffset: 8, as: UInt64.self)
      header.storeBytes(of: chunk.byteCount.littleEndian, toByteOffset: 16, as: UInt32.self)
      header.storeBytes(of: chunk.checksum.littleEndian, toByteOffset: 20, as: UInt32.self)
      let checksum = CRC32C.checksum(UnsafeRawBufferPointer(rebasing: header[8...]))
      header.storeBytes(of: checksum.littleEndian, toByteOffset: 4, as: UInt32.self)
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
    append(record.remarks.rawValue)
    append(UInt64(record.byteCount))
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
      append(reason.rawValue.utf8)
      append(message.utf8)
    }
  }
}

/// A whole and sound record where it lies in the file, read a part at a time.
///
/// It lends the file's memory, and is valid as long as that.
package struct SegmentRecordView {
  /// Header and body.
  let bytes: UnsafeRawBufferPointer
  package let path: UnsafeRawBufferPointer
  /// 32 bytes, or none.
  package let contentHash: UnsafeRawBufferPointer
  /// The labels of a sample, or the reason of a reject.
  private let list: UnsafeRawBufferPointer
  /// Where the bytes behind `list` begin.
  private let end: Int

  /// - Parameter bytes: from the record's first byte on.
  /// - Returns: nil where there is no whole and sound record.
  package init?(checking bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= SegmentCoding.headerByteCount else { return nil }
    let bodyByteCount = Int(Self.number(bytes, 0, UInt32.self))
    let end = SegmentCoding.headerByteCount + bodyByteCount
    guard bodyByteCount <= SegmentCoding.largestBody, end <= bytes.count,
      CRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes[8..<end]))
        == Self.number(bytes, 4, UInt32.self)
    else { return nil }
    self.init(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
  }

  /// - Parameter bytes: from the first byte of a record that was checked on.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= SegmentCoding.headerByteCount else { return nil }
    let size = SegmentCoding.headerByteCount + Int(Self.number(bytes, 0, UInt32.self))
    guard size <= bytes.count else { return nil }
    let bytes = UnsafeRawBufferPointer(rebasing: bytes[..<size])
    var place = SegmentCoding.headerByteCount + SegmentCoding.fixedByteCount
    @inline(__always) func list() -> UnsafeRawBufferPointer? {
      guard place + 4 <= size else { return nil }
      let start = place + 4
      place = start + Int(Self.number(bytes, place, UInt32.self))
      guard place <= size else { return nil }
      return UnsafeRawBufferPointer(rebasing: bytes[start..<place])
    }
    guard place <= size, let path = list(), let hash = list(), let list = list() else {
      return nil
    }
    self.bytes = bytes
    self.path = path
    contentHash = hash
    self.list = list
    end = place
    guard hash.isEmpty || hash.count == SourceHash.byteCount,
      isSample ? hash.count > 0 && size - place == SegmentCoding.measuresByteCount : reason != nil
    else { return nil }
  }

  @inline(__always)
  private static func number<Value: FixedWidthInteger>(
    _ bytes: UnsafeRawBufferPointer, _ offset: Int, _: Value.Type
  ) -> Value {
    Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
  }

  private func number<Value: FixedWidthInteger>(_ offset: Int, _ type: Value.Type) -> Value {
    Self.number(bytes, offset, type)
  }

  package var chunk: SegmentChunk {
    SegmentChunk(
      offset: Int(truncatingIfNeeded: number(8, UInt64.self)), byteCount: number(16, UInt32.self),
      checksum: number(20, UInt32.self))
  }

  package var isSample: Bool { bytes[SegmentCoding.headerByteCount] == 0 }
  package var remarks: SegmentRecord.Remarks {
    SegmentRecord.Remarks(rawValue: bytes[SegmentCoding.headerByteCount + 1])
  }
  package var byteCount: Int {
    Int(truncatingIfNeeded: number(SegmentCoding.headerByteCount + 2, UInt64.self))
  }

  /// Nil for a file that was not read.
  package var source: SourceHash? {
    contentHash.isEmpty ? nil : SourceHash(bytes: contentHash)
  }

  /// The labels of a sample; empty for a reject.
  package var labels: UnsafeRawBufferPointer {
    isSample ? list : UnsafeRawBufferPointer(start: nil, count: 0)
  }

  /// - Precondition: this is a sample.
  package var measures: ImageMeasures {
    precondition(isSample, "a reject has no measures")
    var measures = ImageMeasures()
    measures.perceptualHash = number(end, UInt64.self)
    measures.width = number(end + 8, UInt32.self)
    measures.height = number(end + 12, UInt32.self)
    measures.brightness = number(end + 16, UInt16.self)
    measures.contrast = number(end + 18, UInt16.self)
    measures.sharpness = number(end + 20, UInt16.self)
    measures.colorfulness = number(end + 22, UInt16.self)
    return measures
  }

  /// - Precondition: this is a sample.
  package var sums: ChannelSums {
    precondition(isSample, "a reject has no sums")
    var sums = ChannelSums()
    for channel in 0..<3 {
      sums.sum[channel] = number(end + 24 + 16 * channel, UInt64.self)
      sums.squares[channel] = number(end + 32 + 16 * channel, UInt64.self)
    }
    return sums
  }

  private var reason: RejectReason? {
    RejectReason(rawValue: String(decoding: list, as: UTF8.self))
  }

  /// Why there is no sample; nil where there is one.
  package var rejection: (reason: RejectReason, message: String)? {
    guard !isSample, let reason else { return nil }
    return (reason, String(decoding: bytes[min(end + 4, bytes.count)...], as: UTF8.self))
  }

  package var outcome: SegmentRecord.Outcome {
    if let (reason, message) = rejection { return .rejected(reason, message: message) }
    return .sample(labels: Array(labels), measures: measures, sums: sums)
  }
}
