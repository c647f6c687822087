import Experiment
import Faces
import Images

/// What a build learnt of one photograph.
package struct SegmentRecord: Equatable, Sendable {
  package enum Outcome: Equatable, Sendable {
    /// - Parameter labels: one element of every label column, as the columns hold them.
    case sample(labels: [UInt8], measures: ImageMeasures, sums: ChannelSums)
    case rejected(RejectReason, message: String)
  }

  /// What is remarked on, though it decides nothing.
  package struct Remarks: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The name is accepted, but unusual.
    package static let irregularName = Remarks(rawValue: 1)
    /// An EXIF orientation says to turn the photograph.
    package static let turned = Remarks(rawValue: 2)
  }

  /// Relative to the source, as the file system or the archive has it.
  package var path: [UInt8]
  /// SHA-256 of the bytes that were decoded, 32 of them; of a file that was not read, empty.
  package var contentHash: [UInt8]
  /// Bytes of the file; 0 where it was not read.
  package var byteCount: Int
  package var remarks: Remarks
  package var outcome: Outcome

  package init(
    path: [UInt8], contentHash: [UInt8], byteCount: Int = 0, remarks: Remarks = [],
    outcome: Outcome
  ) {
    self.path = path
    self.contentHash = contentHash
    self.byteCount = byteCount
    self.remarks = remarks
    self.outcome = outcome
  }

  /// What a view shows.
  package init(_ view: SegmentRecordView) {
    self.init(
      path: Array(view.path), contentHash: Array(view.contentHash), byteCount: view.byteCount,
      remarks: view.remarks, outcome: view.outcome)
  }
}

/// Where a sample's final bytes lie in a segment's `chunks` file; empty for a reject.
package struct SegmentChunk: BitwiseCopyable, Equatable, Sendable {
  package let offset: Int
  package let byteCount: UInt32
  /// The chunk's own CRC-32C, its last four bytes.
  package let checksum: UInt32

  package init(offset: Int, byteCount: UInt32, checksum: UInt32) {
    self.offset = offset
    self.byteCount = byteCount
    self.checksum = checksum
  }
}
