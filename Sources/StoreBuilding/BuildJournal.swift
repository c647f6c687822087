import Faces
import Files
import Glibc
import Store

/// What of an unfinished build is on the disk and whole: a line for every finished shard, so that
/// a build that was killed goes on instead of starting over.
///
/// The journal is in the folder that it speaks of, until that is published. Its first line names the plan (input
/// and options); a journal of another plan, or one whose shards are not what it says, counts for
/// nothing.
final class BuildJournal {
  /// A shard that is on the disk, and what was learnt while it was made.
  struct Shard: Equatable {
    var split: String
    var number: Int
    /// How many places of the split's order it consumed, rejected ones included.
    var consumed: Int
    var samples: Int
    var file: FileEntry
    var sums: ChannelSums
    var rejects: [Reject]
  }

  private let path: String
  private let descriptor: Int32
  /// Where the line of each shard that `shards(ofPlan:)` gave ends.
  private var lineEnds: [Int] = []

  /// - Throws: `FileError` where it cannot be made.
  init(path: String) throws {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o644)
    guard descriptor >= 0 else { throw FileError(path, cannot: "create the file") }
  }

  deinit { close(descriptor) }

  /// The finished shards of the same plan; empty where the journal is of another one.
  func shards(ofPlan plan: String) throws -> [Shard] {
    lineEnds = []
    let file = try MappedFile(path: path)
    defer { withExtendedLifetime(file) {} }
    var lines = file.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    // What stands behind the last line end was torn off by the kill.
    lines.removeLast()
    guard let first = lines.first, let header = try? Self.decode(first),
      header["plan"]?.stringValue == plan
    else { return [] }
    var shards: [Shard] = []
    for line in lines.dropFirst() {
      guard let json = try? Self.decode(line), let shard = Shard(json: json) else { break }
      shards.append(shard)
      lineEnds.append(line.endIndex + 1)
    }
    return shards
  }

  private static func decode(_ line: Slice<UnsafeRawBufferPointer>) throws -> JSONValue {
    try JSONValue.decoded(UnsafeRawBufferPointer(rebasing: line))
  }

  /// Goes on behind the first `count` of the shards that `shards(ofPlan:)` gave, or starts anew.
  /// What is kept is not written again, so that a kill or a full disk cannot lose it.
  func restart(plan: String, keeping count: Int) throws {
    let end = count == 0 ? 0 : lineEnds[count - 1]
    guard ftruncate(descriptor, off_t(end)) == 0, lseek(descriptor, off_t(end), SEEK_SET) >= 0
    else {
      throw FileError(path, cannot: "cut")
    }
    if count == 0 { try append(["plan": .string(plan)]) }
  }

  func append(_ shard: Shard) throws { try append(shard.json) }

  private func append(_ json: JSONValue) throws {
    let line = try json.encoded() + [UInt8(ascii: "\n")]
    try line.withUnsafeBytes { try writeAll($0, to: descriptor, path: path) }
    guard fsync(descriptor) == 0 else { throw FileError(path, cannot: "sync") }
  }
}

extension BuildJournal.Shard {
  var json: JSONValue {
    [
      "split": .string(split), "shard": .integer(number), "consumed": .integer(consumed),
      "samples": .integer(samples), "path": .string(file.path),
      "bytes": .integer(file.byteCount), "sha256": .string(file.sha256),
      "sums": .array((0..<3).map { .integer(Int(sums.sum[$0])) }),
      "squares": .array((0..<3).map { .integer(Int(sums.squares[$0])) }),
      "rejects": .array(
        rejects.map {
          [
            "file": .integer(Int($0.file)), "reason": .string($0.reason.rawValue),
            "message": .string($0.message),
          ]
        }),
    ]
  }

  init?(json: JSONValue) {
    guard let split = json["split"]?.stringValue, let number = json["shard"]?.intValue,
      let consumed = json["consumed"]?.intValue, let samples = json["samples"]?.intValue,
      let path = json["path"]?.stringValue, let bytes = json["bytes"]?.intValue,
      let sha256 = json["sha256"]?.stringValue,
      let sums = json["sums"]?.arrayValue?.compactMap(\.intValue), sums.count == 3,
      let squares = json["squares"]?.arrayValue?.compactMap(\.intValue), squares.count == 3,
      let rejects = json["rejects"]?.arrayValue
    else { return nil }
    self.init(
      split: split, number: number, consumed: consumed, samples: samples,
      file: FileEntry(path: path, byteCount: bytes, sha256: sha256), sums: ChannelSums(),
      rejects: [])
    for channel in 0..<3 {
      self.sums.sum[channel] = UInt64(clamping: sums[channel])
      self.sums.squares[channel] = UInt64(clamping: squares[channel])
    }
    for reject in rejects {
      guard let file = reject["file"]?.intValue.flatMap(UInt32.init(exactly:)),
        let reason = reject["reason"]?.stringValue.flatMap(RejectReason.init(rawValue:)),
        let message = reject["message"]?.stringValue
      else { return nil }
      self.rejects.append(Reject(file: file, reason: reason, message: message))
    }
  }
}
