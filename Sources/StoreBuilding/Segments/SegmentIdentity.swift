import Checksums
import Files

/// What a segment belongs to. The first 48 bytes of its `records` file say it.
package struct SegmentIdentity: Equatable, Sendable {
  /// This segment holds the photographs whose path's hash modulo `partCount` is `part`.
  package var part: Int
  package var partCount: Int
  /// SHA-256 of everything that decides a record but the photographs: size, codec, label rules.
  package var recipe: [UInt8]

  package static let byteCount = 48
  private static let magic = Array("hydseg2\n".utf8)

  package var encoded: [UInt8] {
    precondition(recipe.count == 32, "a SHA-256 has 32 bytes")
    return Self.magic + withUnsafeBytes(of: UInt32(part).littleEndian, Array.init)
      + withUnsafeBytes(of: UInt32(partCount).littleEndian, Array.init) + recipe
  }

  package init(part: Int, partCount: Int, recipe: [UInt8]) {
    self.part = part
    self.partCount = partCount
    self.recipe = recipe
  }

  /// - Returns: nil where `bytes` are not the beginning of a segment.
  package init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= Self.byteCount, bytes.prefix(8).elementsEqual(Self.magic) else {
      return nil
    }
    func number(_ offset: Int) -> Int {
      Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }
    (part, partCount) = (number(8), number(12))
    recipe = Array(bytes[16..<48])
    guard part < partCount else { return nil }
  }

  package static let recordsFile = "records"
  package static let chunksFile = "chunks"
  package static let manifestFile = "manifest.json"
  static let files = [recordsFile, chunksFile, manifestFile]
  /// Whether a file of a segment's folder is the segment's.
  static func isOwn(_ name: String) -> Bool { files.contains(name) }

  /// Refuses a folder where files of other programs have the names of a segment's.
  ///
  /// - Throws: `FileError` naming one.
  static func checkIsOwn(_ folder: String) throws {
    let found = files.filter { exists("\(folder)/\($0)") }
    guard let foreign = found.first else { return }
    if foreign == recordsFile {
      // A kill or a full disk may leave the first bytes of it, or an empty file, but none without it.
      let records = try MappedFile(path: "\(folder)/\(recordsFile)")
      let count = min(records.bytes.count, magic.count)
      let isOwn = records.bytes.prefix(count).elementsEqual(magic.prefix(count))
      try records.checkWhole()
      if isOwn { return }
    }
    throw FileError(
      "\(folder)/\(foreign)",
      "is not of a part that this program built, and would be overwritten; move it away, or choose "
        + "another --output")
  }
}
