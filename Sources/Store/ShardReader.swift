import Files

/// One shard file, mapped, its index checked.
final class ShardReader: Sendable {
  private let file: MappedFile
  /// The path below the store's folder, for messages.
  let path: String
  private let indexOffset: Int
  let sampleCount: Int

  /// - Parameters:
  ///   - sampleCount: samples that this shard holds; the rest of its `capacity` is absent.
  /// - Throws: `StoreError` where the size is not the listed one, or the index is not valid.
  init(folder: StoreFolder, entry: FileEntry, capacity: Int, sampleCount: Int) throws {
    path = entry.path
    self.sampleCount = sampleCount
    file = try folder.map(entry.path)
    let bytes = file.bytes
    guard bytes.count == entry.byteCount else {
      throw StoreError(
        .damaged, file: entry.path,
        "has \(bytes.count) bytes, expected \(entry.byteCount); build the store again")
    }
    let indexByteCount =
      capacity * StoreFormat.indexEntryByteCount + StoreFormat.checksumByteCount
    guard bytes.count >= indexByteCount else {
      throw StoreError(.damaged, file: entry.path, "is shorter than its index of \(capacity)")
    }
    indexOffset = bytes.count - indexByteCount
    let index = UnsafeRawBufferPointer(rebasing: bytes[indexOffset...])
    let problem = SampleDecoder.checksumProblem(of: index)
    try file.checkWhole()
    if let problem {
      throw StoreError(
        .damaged, file: entry.path,
        problem.replacing("its chunk", with: "its index")
          .replacing("its CRC-32C", with: "its index's CRC-32C"))
    }
    for sample in 0..<capacity {
      guard sample < sampleCount else {
        let (offset, count) = entryWords(sample)
        guard offset == StoreFormat.absent, count == StoreFormat.absent else {
          throw StoreError(
            .damaged, file: entry.path, sample: sample, "is in the index, but not in the split")
        }
        continue
      }
      guard chunkRange(sample) != nil else {
        throw StoreError(
          .damaged, file: entry.path, sample: sample,
          "the index points outside the file's \(indexOffset) bytes of data")
      }
    }
  }

  private func entryWords(_ sample: Int) -> (offset: UInt64, count: UInt64) {
    let place = indexOffset + sample * StoreFormat.indexEntryByteCount
    return (
      UInt64(littleEndian: file.bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)),
      UInt64(littleEndian: file.bytes.loadUnaligned(fromByteOffset: place + 8, as: UInt64.self))
    )
  }

  private func chunkRange(_ sample: Int) -> Range<Int>? {
    let (offset, count) = entryWords(sample)
    let end = UInt64(indexOffset)
    guard offset <= end, count <= end - offset else { return nil }
    return Int(offset)..<Int(offset + count)
  }

  func releaseMemory() { file.releaseMemory() }

  /// - Throws: `FileError` where the file was cut while it was read.
  func checkWhole() throws(FileError) { try file.checkWhole() }

  /// The inner chunk of a sample, as it is in the file; empty where the index was overwritten
  /// with nonsense after it was checked.
  func chunk(_ sample: Int) -> UnsafeRawBufferPointer {
    precondition(sample >= 0 && sample < sampleCount)
    guard let range = chunkRange(sample) else {
      return UnsafeRawBufferPointer(start: nil, count: 0)
    }
    return UnsafeRawBufferPointer(rebasing: file.bytes[range])
  }
}
