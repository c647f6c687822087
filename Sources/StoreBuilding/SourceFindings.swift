import Checksums
import Experiment

/// What a source holds, whatever order its photographs come in.
struct SourceFindings: ~Copyable {
  /// What became of one file, as far as the source alone decides it.
  enum Content {
    case read(SourceHash)
    case unreadable
    case refusedName
  }

  private(set) var found = 0
  private(set) var irregularNames = 0
  /// Accepted files whose EXIF orientation says to turn them, and the first of them by path.
  private(set) var turnedCount = 0
  private(set) var firstTurned: [UInt8]?
  private var sums = SIMD4<UInt64>()
  private var digest = SHA256Digest()

  mutating func add(
    path: UnsafeRawBufferPointer, _ content: Content, remarks: SegmentRecord.Remarks
  ) {
    found += 1
    if remarks.contains(.irregularName) { irregularNames += 1 }
    if remarks.contains(.turned) {
      turnedCount += 1
      if firstTurned.map({ path.lexicographicallyPrecedes($0) }) ?? true {
        firstTurned = Array(path)
      }
    }
    digest.update(path)
    switch content {
    case .read(let hash):
      withUnsafeBytes(of: UInt8(0)) { digest.update($0) }
      hash.withBytes { digest.update($0) }
    case .unreadable: withUnsafeBytes(of: UInt8(1)) { digest.update($0) }
    case .refusedName: withUnsafeBytes(of: UInt8(2)) { digest.update($0) }
    }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { output in
      digest.finish(into: output.baseAddress!)
      for lane in 0..<4 {
        let word = UnsafeRawBufferPointer(output).load(fromByteOffset: 8 * lane, as: UInt64.self)
        sums[lane] &+= UInt64(littleEndian: word)
      }
    }
  }

  /// - Parameter path: the record's, as the store has it.
  mutating func add(_ record: SegmentRecordView, path: UnsafeRawBufferPointer) {
    let content: Content
    if let source = record.source {
      content = .read(source)
    } else {
      let reason = record.rejection?.reason
      content = reason == .unreadable || reason == .tooLarge ? .unreadable : .refusedName
    }
    add(path: path, content, remarks: record.remarks)
  }

  /// SHA-256 over the sum of the hashes of all paths and contents: equal for equal sources, in any
  /// order.
  mutating func fingerprint() -> String {
    var words = [UInt64(found).littleEndian]
    for lane in 0..<4 { words.append(sums[lane].littleEndian) }
    words.withUnsafeBytes { digest.update($0) }
    return digest.finishHex()
  }
}
