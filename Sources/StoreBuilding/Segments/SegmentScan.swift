import Checksums
import Files

/// The records of a segment, finished or not, read from the front; and their chunks.
///
/// Whatever the files hold, what is not a whole and sound record ends the scan.
package struct SegmentScan: Sendable {
  package let folder: String
  package let identity: SegmentIdentity
  private let records: MappedFile
  private let chunks: MappedFile

  /// How far whole records reach.
  package struct Extent: Equatable, Sendable {
    package var recordCount = 0
    package var recordsByteCount = 0
    package var chunksByteCount = 0
  }

  /// - Throws: `FileError` where there is no segment.
  package init(folder: String) throws {
    self.folder = folder
    records = try MappedFile(path: "\(folder)/\(SegmentIdentity.recordsFile)")
    chunks = try MappedFile(path: "\(folder)/\(SegmentIdentity.chunksFile)")
    guard let identity = SegmentIdentity(records.bytes) else {
      throw FileError(records.path, "is not the list of a segment's records")
    }
    self.identity = identity
  }

  /// Calls `body` with every whole record and the place of its chunk in the `chunks` file. Chunks
  /// are not touched.
  ///
  /// - Throws: `FileError` where the file shrinks meanwhile, and whatever `body` throws.
  @discardableResult
  package func forEachRecord(_ body: (SegmentRecord, SegmentChunk) throws -> Void) throws -> Extent
  {
    var extent = Extent(recordsByteCount: SegmentIdentity.byteCount)
    while let next = SegmentCoding.decode(
      UnsafeRawBufferPointer(rebasing: records.bytes[extent.recordsByteCount...]))
    {
      let end = extent.chunksByteCount + next.chunkByteCount
      guard end <= chunks.bytes.count else { break }
      try body(
        next.record,
        SegmentChunk(
          offset: extent.chunksByteCount, byteCount: UInt32(next.chunkByteCount),
          checksum: next.chunkChecksum))
      extent.recordCount += 1
      extent.recordsByteCount += next.byteCount
      extent.chunksByteCount = end
    }
    try records.checkWhole()
    return extent
  }

  /// Lends the bytes of a chunk after comparing their checksum.
  ///
  /// - Throws: `FileError` where they changed, and whatever `body` throws.
  package func withBytes<Result>(
    of chunk: SegmentChunk, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let end = chunk.offset + Int(chunk.byteCount)
    guard chunk.offset >= 0, chunk.byteCount > 4, end <= chunks.bytes.count else {
      throw damaged(chunk)
    }
    let bytes = UnsafeRawBufferPointer(rebasing: chunks.bytes[chunk.offset..<end])
    let content = UnsafeRawBufferPointer(rebasing: bytes.dropLast(4))
    let stored = bytes.loadUnaligned(fromByteOffset: content.count, as: UInt32.self)
    guard UInt32(littleEndian: stored) == chunk.checksum, CRC32C.checksum(content) == chunk.checksum
    else {
      try chunks.checkWhole()
      throw damaged(chunk)
    }
    let result = try body(bytes)
    try chunks.checkWhole()
    return result
  }

  private func damaged(_ chunk: SegmentChunk) -> FileError {
    FileError(
      chunks.path,
      "the sample at byte \(chunk.offset) is damaged; remove \(folder) and build this part again")
  }

  /// SHA-256 of the whole `records` file, which covers every chunk by its checksum.
  package var recordsSHA256: String { SHA256Digest.hex(of: records.bytes) }
  package var recordsByteCount: Int { records.bytes.count }
  package var chunksByteCount: Int { chunks.bytes.count }
}

/// Where a sample's final bytes lie in a segment's `chunks` file.
package struct SegmentChunk: BitwiseCopyable, Equatable, Sendable {
  package let offset: Int
  package let byteCount: UInt32
  package let checksum: UInt32
}
