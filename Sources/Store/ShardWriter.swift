import Checksums
import Files

/// Writes one shard file: inner chunks as they come, then the index (zarr-specs,
/// `codecs/sharding-indexed`).
package final class ShardWriter {
  private let file: HashedFileWriter
  private let capacity: Int
  private var index: [UInt64] = []

  /// - Parameter capacity: samples of a full shard; a shard with fewer has absent entries.
  /// - Throws: `StoreError` where the file cannot be made.
  package init(path: String, capacity: Int, syncedBy queue: SyncQueue) throws {
    file = try HashedFileWriter(path: path, syncedBy: queue)
    self.capacity = capacity
    index.reserveCapacity(2 * capacity)
  }

  package var sampleCount: Int { index.count / 2 }
  package var isFull: Bool { sampleCount == capacity }

  /// Appends the next sample's inner chunk, as `SampleEncoder` made it.
  package func append(_ chunk: UnsafeRawBufferPointer) throws {
    precondition(!isFull, "a shard takes \(capacity) samples")
    index.append(UInt64(file.byteCount).littleEndian)
    index.append(UInt64(chunk.count).littleEndian)
    try file.append(chunk)
  }

  /// Writes the index, and gives the file its name.
  package func finish() throws -> FileEntry {
    while index.count < 2 * capacity { index.append(StoreFormat.absent) }
    let checksum = try index.withUnsafeBytes { bytes in
      try file.append(bytes)
      return CRC32C.checksum(bytes)
    }
    try withUnsafeBytes(of: checksum.littleEndian) { try file.append($0) }
    return try file.finish()
  }
}
