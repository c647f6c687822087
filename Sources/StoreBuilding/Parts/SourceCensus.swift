import Checksums
import Store

/// How many photographs a source has, and which, whatever order they come in: every part sees the
/// whole source, so that parts of different sources are told from each other.
struct SourceCensus: Equatable, Sendable {
  private(set) var photographs = 0
  /// The sum of the hashes of all paths.
  private var paths: UInt64 = 0

  static func hash(_ path: UnsafeBufferPointer<UInt8>) -> UInt64 {
    SipHash.hash(path, key0: 0, key1: 0)
  }

  mutating func add(_ hash: UInt64) {
    photographs += 1
    paths &+= hash
  }

  var json: JSONValue {
    ["photographs": .integer(photographs), "paths": .string(String(paths, radix: 16))]
  }
}
