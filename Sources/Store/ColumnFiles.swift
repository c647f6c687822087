import Checksums
import Experiment
import Files

/// The files of a split's columns, mapped when the store was opened, so that labels stay those of
/// the pixels beside them. Every read is checked against the hash that the store's list has.
final class ColumnFiles: Sendable {
  private let split: SplitDescription
  var sampleCount: Int { split.sampleCount }
  private let perFile: Int
  private let hasSources: Bool
  private let arrays: [String: MappedArray]

  private struct MappedArray {
    let array: ColumnArray
    let files: [(entry: FileEntry, file: MappedFile)]
  }

  /// - Parameter names: whether the names are wanted too.
  /// - Throws: `StoreError` where a file is not listed, not there, or of another size.
  init(
    split: SplitDescription, schema: StoreSchema, folder: StoreFolder, files: [String: FileEntry],
    names: Bool = true
  ) throws {
    self.split = split
    perFile = schema.samplesPerColumnFile
    hasSources = schema.hasSources
    var arrays: [String: MappedArray] = [:]
    for array in schema.columnArrays where names || array.name != StoreFormat.nameArray {
      let count = (split.sampleCount + perFile - 1) / perFile
      let mapped = try (0..<count).map { number in
        let entry = try files.entry(array.path(split: split.name, file: number))
        try folder.checkSize(of: entry)
        return (entry: entry, file: try folder.map(entry.path))
      }
      arrays[array.name] = MappedArray(array: array, files: mapped)
    }
    self.arrays = arrays
  }

  /// The rows of an array, one after the other, values little-endian.
  ///
  /// - Throws: `StoreError` where the bytes are not those that the store's list describes.
  func rows(_ name: String) throws -> [UInt8] {
    guard let mapped = arrays[name] else {
      preconditionFailure("\(name) is not an array of the schema")
    }
    let rowByteCount = mapped.array.rowByteCount
    var values: [UInt8] = []
    values.reserveCapacity(split.sampleCount * rowByteCount)
    var chunk = [UInt8](repeating: 0, count: perFile * rowByteCount)
    let decoder = BloscChunk.Decoder(byteCount: chunk.count)
    for (entry, file) in mapped.files {
      let problem = chunk.withUnsafeMutableBytes { output -> String? in
        if let problem = SampleDecoder.checksumProblem(of: file.bytes) { return problem }
        // A checksum holds for another column's file too.
        let got = SHA256Digest.hex(of: file.bytes)
        guard got == entry.sha256 else {
          return "its SHA-256 is \(got.prefix(16))…, expected \(entry.sha256.prefix(16))…"
        }
        let payload = UnsafeRawBufferPointer(
          rebasing: file.bytes.dropLast(StoreFormat.checksumByteCount))
        return decoder.decode(payload, into: output.baseAddress!)
      }
      try file.checkWhole()
      if let problem {
        throw StoreError(.damaged, file: entry.path, "\(problem); build the store again")
      }
      values.append(contentsOf: chunk.prefix(split.sampleCount * rowByteCount - values.count))
    }
    return values
  }

  /// The hashes of the sources, 32 bytes each; where the store has none, those of the names.
  func sources() throws -> [UInt8] {
    if hasSources { return try rows(StoreFormat.sourceArray) }
    let names = try rows(StoreFormat.nameArray)
    let width = split.sampleCount == 0 ? 1 : names.count / split.sampleCount
    var digest = SHA256Digest()
    return [UInt8](unsafeUninitializedCapacity: split.sampleCount * SourceHash.byteCount) {
      output, count in
      for sample in 0..<split.sampleCount {
        let name = names[(sample * width)..<((sample + 1) * width)].prefix { $0 != 0 }
        name.withUnsafeBytes { digest.update($0) }
        digest.finish(into: output.baseAddress! + sample * SourceHash.byteCount)
      }
      count = split.sampleCount * SourceHash.byteCount
    }
  }
}

extension SourceHash {
  /// - Parameter bytes: 32 for each.
  static func list(_ bytes: [UInt8]) -> [SourceHash] {
    bytes.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: byteCount).map {
        SourceHash(bytes: UnsafeRawBufferPointer(rebasing: bytes[$0..<$0 + byteCount]))
      }
    }
  }
}

extension FileEntry {
  static func byPath(_ files: [FileEntry]) -> [String: FileEntry] {
    Dictionary(files.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
  }
}

extension [String: FileEntry] {
  /// - Throws: `StoreError` for a file that the store's list does not have.
  func entry(_ path: String) throws -> FileEntry {
    guard let entry = self[path] else {
      throw StoreError(
        .damaged, file: path,
        "is not in the store's list of files; without it Zarr would read zeros. "
          + "Build the store again")
    }
    return entry
  }
}
