import Checksums
import Files
import Glibc

/// The records of a segment, finished or not, read from the front; and their chunks.
///
/// Whatever the files hold, what is not a whole and sound record ends the scan. Records are mapped;
/// chunks, which are as large as a store, are read one by one.
package struct SegmentScan: Sendable {
  package let folder: String
  package let identity: SegmentIdentity
  private let records: MappedFile
  private let chunks: ChunkFile

  /// How far whole records and their chunks reach.
  package struct Extent: Equatable, Sendable {
    package var recordCount = 0
    package var recordsByteCount = 0
    package var chunksByteCount = 0
  }

  /// - Throws: `FileError` where there is no segment.
  package init(folder: String) throws {
    self.folder = folder
    records = try MappedFile(path: "\(folder)/\(SegmentIdentity.recordsFile)")
    chunks = try ChunkFile(path: "\(folder)/\(SegmentIdentity.chunksFile)")
    guard let identity = SegmentIdentity(records.bytes) else {
      throw FileError(records.path, "is not the list of a segment's records")
    }
    self.identity = identity
  }

  /// Calls `body` with every whole record and where it begins. Chunks are not touched.
  ///
  /// - Throws: `FileError` where the file shrinks meanwhile, and whatever `body` throws.
  @discardableResult
  package func forEachRecord(_ body: (SegmentRecordView, _ offset: Int) throws -> Void) throws
    -> Extent
  {
    var extent = Extent(recordsByteCount: SegmentIdentity.byteCount)
    while let next = SegmentRecordView(
      checking: UnsafeRawBufferPointer(rebasing: records.bytes[extent.recordsByteCount...]))
    {
      let chunk = next.chunk
      guard chunk.offset >= 0, chunk.offset <= chunks.byteCount,
        Int(chunk.byteCount) <= chunks.byteCount - chunk.offset
      else { break }
      try body(next, extent.recordsByteCount)
      extent.recordCount += 1
      extent.recordsByteCount += next.bytes.count
      extent.chunksByteCount = max(extent.chunksByteCount, chunk.offset + Int(chunk.byteCount))
    }
    try records.checkWhole()
    return extent
  }

  /// The record that `forEachRecord` found at an offset, valid as long as this scan.
  ///
  /// - Throws: `FileError` where the file changed since.
  package func record(at offset: Int) throws(FileError) -> SegmentRecordView {
    guard let view = SegmentRecordView(UnsafeRawBufferPointer(rebasing: recordBytes[offset...]))
    else { throw changed }
    return view
  }

  /// The whole file of the records, valid as long as this scan.
  var recordBytes: UnsafeRawBufferPointer { records.bytes }

  /// What is wrong where a record that was there is none any more.
  var changed: FileError {
    FileError(records.path, "changed while it was read; run the same command again")
  }

  /// - Throws: `FileError` where the records were cut while they were read.
  package func checkWhole() throws(FileError) { try records.checkWhole() }

  /// Lends the bytes of a chunk after comparing their checksum.
  ///
  /// - Throws: `FileError` where they changed, and whatever `body` throws.
  package func withBytes<Result>(
    of chunk: SegmentChunk, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    guard chunk.byteCount > 4 else { throw damaged(chunk) }
    return try withUnsafeTemporaryAllocation(byteCount: Int(chunk.byteCount), alignment: 16) {
      bytes in
      guard try chunks.read(into: bytes, at: chunk.offset) else { throw damaged(chunk) }
      let content = UnsafeRawBufferPointer(rebasing: bytes.dropLast(4))
      let stored = bytes.loadUnaligned(fromByteOffset: content.count, as: UInt32.self)
      guard UInt32(littleEndian: stored) == chunk.checksum,
        CRC32C.checksum(content) == chunk.checksum
      else { throw damaged(chunk) }
      return try body(UnsafeRawBufferPointer(bytes))
    }
  }

  /// Whether a chunk is what its record says.
  package func isSound(_ chunk: SegmentChunk) -> Bool {
    (try? withBytes(of: chunk) { _ in true }) ?? false
  }

  private func damaged(_ chunk: SegmentChunk) -> FileError {
    FileError(
      chunks.path,
      "the sample at byte \(chunk.offset) is damaged; remove \(folder) and build this part again")
  }

  /// SHA-256 of the whole `records` file, which covers every chunk by its checksum.
  package var recordsSHA256: String { SHA256Digest.hex(of: records.bytes) }
  package var recordsByteCount: Int { records.bytes.count }
  package var chunksByteCount: Int { chunks.byteCount }
}

/// The `chunks` file, open for reading at any place from any thread.
private final class ChunkFile: Sendable {
  let path: String
  let byteCount: Int
  private let descriptor: Int32

  init(path: String) throws(FileError) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileError(path, cannot: "open") }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError(path, cannot: "examine") }
    byteCount = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// - Returns: whether the file has so many bytes there.
  func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) -> Bool {
    guard let base = bytes.baseAddress, offset >= 0 else { return false }
    var done = 0
    while done < bytes.count {
      let count = pread(descriptor, base + done, bytes.count - done, off_t(offset + done))
      if count > 0 {
        done += count
      } else if count == 0 {
        return false
      } else if errno != EINTR {
        throw FileError(path, cannot: "read")
      }
    }
    return true
  }
}
