import Checksums
import Files
import Store

/// Says that a segment is finished and what it holds.
package struct SegmentManifest: Equatable, Sendable {
  package let identity: SegmentIdentity
  package let extent: SegmentScan.Extent
  /// Of the `records` file.
  package let sha256: String
  /// What the segment was made with and from, where it is one of several parts.
  package let origin: JSONValue

  package func encoded() throws -> [UInt8] {
    let json: JSONValue = [
      "part": .integer(identity.part), "parts": .integer(identity.partCount),
      "records": .integer(extent.recordCount), "record_bytes": .integer(extent.recordsByteCount),
      "chunk_bytes": .integer(extent.chunksByteCount), "sha256": .string(sha256),
      "recipe": .string(SHA256Digest.hex(identity.recipe)), "origin": origin,
    ]
    return Array(try json.encoded()) + [UInt8(ascii: "\n")]
  }

  /// Checks that the segment in a folder is finished and still what its manifest says.
  ///
  /// - Returns: the segment, and the origin that the manifest states.
  /// - Throws: `FileError` that says what is wrong and what to do.
  package static func check(folder: String) throws -> (scan: SegmentScan, origin: JSONValue) {
    let path = "\(folder)/\(SegmentIdentity.manifestFile)"
    let file = try MappedFile(path: path, limit: 1 << 16)
    let scan = try SegmentScan(folder: folder)
    guard let json = try? JSONValue.decoded(file.bytes) else {
      throw FileError(path, "is not a segment's manifest; build this part again")
    }
    func compare(_ key: String, _ expected: JSONValue) throws {
      guard json[key] == expected else {
        throw FileError(
          path,
          "its \"\(key)\" is not what the segment beside it has; build this part again")
      }
    }
    try compare("part", .integer(scan.identity.part))
    try compare("parts", .integer(scan.identity.partCount))
    try compare("recipe", .string(SHA256Digest.hex(scan.identity.recipe)))
    let extent = try scan.forEachRecord { _, _ in }
    try compare("records", .integer(extent.recordCount))
    try compare("record_bytes", .integer(scan.recordsByteCount))
    try compare("chunk_bytes", .integer(scan.chunksByteCount))
    try compare("sha256", .string(scan.recordsSHA256))
    guard let origin = json["origin"] else {
      throw FileError(path, "says no origin of the segment beside it; build this part again")
    }
    return (scan, origin)
  }
}
