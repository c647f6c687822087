import Files
import Glibc
import Store
import Synchronization

/// Appends records and their chunks to a segment, from any number of threads and in any order.
///
/// A segment is a folder of two files that only grow: `chunks` holds the final bytes of samples,
/// `records` what is known of each. A chunk is written before its record, so that after a kill
/// every whole record has its chunk, and a torn last record is cut off when the segment is opened
/// again. `finish()` adds the manifest, without which a segment counts as unfinished.
package final class SegmentWriter: Sendable {
  private struct State {
    var records: [UInt8] = []
    var chunks: [UInt8] = []
    /// Where the next chunk goes.
    var chunksEnd: Int
    var unsyncedByteCount = 0
    /// Nothing can be appended behind a part of a chunk.
    var hasFailed = false
  }

  let folder: String
  let identity: SegmentIdentity
  private let recordsDescriptor: Int32
  private let chunksDescriptor: Int32
  private let state: Mutex<State>
  /// Records that an earlier run had finished.
  package let resumedCount: Int
  /// The segment as that run left it; nil where it finished no record.
  package let resumed: SegmentScan?

  /// Bytes that wait in memory.
  private static let bufferByteCount = 1 << 20
  /// How much a failing power supply may cost.
  private static let syncByteCount = 1 << 28

  /// Opens a segment, or goes on with one of the same identity. A segment of another identity in
  /// its place starts anew.
  ///
  /// - Throws: `FileError`; also where another process writes to the segment.
  package init(folder: String, identity: SegmentIdentity) throws {
    self.folder = folder
    self.identity = identity
    try makeDirectories(folder)
    let recordsPath = "\(folder)/\(SegmentIdentity.recordsFile)"
    let chunksPath = "\(folder)/\(SegmentIdentity.chunksFile)"
    recordsDescriptor = try Self.openToAppend(recordsPath)
    do {
      guard flock(recordsDescriptor, LOCK_EX | LOCK_NB) == 0 else {
        throw FileError(
          folder, "another build is writing this segment right now; wait until it ends")
      }
      chunksDescriptor = try Self.openToAppend(chunksPath)
    } catch {
      close(recordsDescriptor)
      throw error
    }
    do {
      let manifest = "\(folder)/\(SegmentIdentity.manifestFile)"
      guard unlink(manifest) == 0 || errno == ENOENT else {
        throw FileError(manifest, cannot: "remove the file")
      }
      var whole = SegmentScan.Extent()
      if let scan = try? SegmentScan(folder: folder), scan.identity == identity {
        whole = try scan.forEachRecord { _, _ in }
      }
      let recordsEnd = whole.recordCount == 0 ? 0 : whole.recordsByteCount
      guard ftruncate(recordsDescriptor, off_t(recordsEnd)) == 0 else {
        throw FileError(recordsPath, cannot: "cut the file")
      }
      guard ftruncate(chunksDescriptor, off_t(whole.chunksByteCount)) == 0 else {
        throw FileError(chunksPath, cannot: "cut the file")
      }
      resumedCount = whole.recordCount
      resumed = whole.recordCount > 0 ? try SegmentScan(folder: folder) : nil
      state = Mutex(
        State(
          records: recordsEnd == 0 ? identity.encoded : [], chunksEnd: whole.chunksByteCount))
    } catch {
      close(recordsDescriptor)
      close(chunksDescriptor)
      throw error
    }
  }

  deinit {
    close(recordsDescriptor)
    close(chunksDescriptor)
  }

  private static func openToAppend(_ path: String) throws(FileError) -> Int32 {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o644)
    guard descriptor >= 0 else { throw FileError(path, cannot: "create the file") }
    return descriptor
  }

  /// - Parameter chunk: the sample as its shard will hold it, its CRC-32C at the end; empty for a
  ///   reject.
  /// - Throws: `FileError` where the disk refuses.
  package func append(_ record: SegmentRecord, chunk: UnsafeRawBufferPointer) throws {
    let checksum =
      chunk.count < 4
      ? 0
      : UInt32(
        littleEndian: chunk.loadUnaligned(fromByteOffset: chunk.count - 4, as: UInt32.self))
    try state.withLock { state in
      let place = SegmentChunk(
        offset: state.chunksEnd, byteCount: UInt32(chunk.count), checksum: checksum)
      SegmentCoding.append(record, chunk: place, to: &state.records)
      state.chunks.append(contentsOf: chunk)
      state.chunksEnd += chunk.count
      if state.records.count + state.chunks.count > Self.bufferByteCount { try flush(&state) }
    }
  }

  /// Appends a record whose chunk the segment has already, of another file of the same content.
  package func append(_ record: SegmentRecord, sharing chunk: SegmentChunk) throws {
    try state.withLock { state in
      SegmentCoding.append(record, chunk: chunk, to: &state.records)
      if state.records.count > Self.bufferByteCount { try flush(&state) }
    }
  }

  private func flush(_ state: inout State) throws {
    guard !state.hasFailed else {
      throw FileError(folder, "could not be written; run the same command again")
    }
    state.hasFailed = true
    try state.chunks.withUnsafeBytes {
      try writeAll($0, to: chunksDescriptor, path: "\(folder)/\(SegmentIdentity.chunksFile)")
    }
    state.unsyncedByteCount += state.chunks.count
    if state.unsyncedByteCount > Self.syncByteCount {
      try sync(chunksDescriptor, SegmentIdentity.chunksFile)
      state.unsyncedByteCount = 0
    }
    try state.records.withUnsafeBytes {
      try writeAll($0, to: recordsDescriptor, path: "\(folder)/\(SegmentIdentity.recordsFile)")
    }
    state.chunks.removeAll(keepingCapacity: true)
    state.records.removeAll(keepingCapacity: true)
    state.hasFailed = false
  }

  private func sync(_ descriptor: Int32, _ name: String) throws(FileError) {
    guard fsync(descriptor) == 0 else { throw FileError("\(folder)/\(name)", cannot: "sync") }
  }

  /// Brings what was appended to the files, so that the next run finds it.
  package func flush() throws { try state.withLock { try flush(&$0) } }

  /// Brings what was appended to the disk.
  package func sync() throws {
    try state.withLock { state in
      try flush(&state)
      try sync(chunksDescriptor, SegmentIdentity.chunksFile)
      try sync(recordsDescriptor, SegmentIdentity.recordsFile)
    }
  }

  /// Brings the segment to the disk and writes its manifest.
  package func finish(origin: JSONValue = [:]) throws {
    try sync()
    let scan = try SegmentScan(folder: folder)
    let whole = try scan.forEachRecord { _, _ in }
    try AtomicFile.write(
      SegmentManifest(identity: identity, extent: whole, sha256: scan.recordsSHA256, origin: origin)
        .encoded(),
      to: "\(folder)/\(SegmentIdentity.manifestFile)")
  }
}
