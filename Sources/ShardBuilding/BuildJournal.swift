import FaceDataset
import Glibc
import ShardStore

/// What of an unfinished build is on the disk and whole: a line for every finished shard, so that
/// a build that was killed goes on instead of starting over.
///
/// The journal stands beside the folder that it speaks of. Its first line names the plan (input
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
  private var descriptor: Int32

  /// Opens the journal, and keeps any other build out of it.
  ///
  /// - Throws: `BuildError` where another build is writing; `StoreError` where it cannot be made.
  init(path: String) throws {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw StoreError(
        .system(errno: errno), file: path, "cannot create the file: \(Self.reason())")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      descriptor = -1
      throw BuildError(
        .output, "another build is writing to \(path.dropLast(8)) right now; wait until it ends")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The finished shards of the same plan; empty where the journal is of another one.
  func shards(ofPlan plan: String) throws -> [Shard] {
    let file = try MappedFile(path: path)
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
    }
    return shards
  }

  private static func decode(_ line: Slice<UnsafeRawBufferPointer>) throws -> JSONValue {
    try JSONValue.decoded(UnsafeRawBufferPointer(rebasing: line))
  }

  /// Starts the journal anew with what is kept of it.
  func restart(plan: String, keeping shards: [Shard]) throws {
    guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw StoreError(.system(errno: errno), file: path, "cannot be emptied: \(Self.reason())")
    }
    try append(["plan": .string(plan)])
    for shard in shards { try append(shard.json) }
  }

  func append(_ shard: Shard) throws { try append(shard.json) }

  private func append(_ json: JSONValue) throws {
    let line = try json.encoded() + [UInt8(ascii: "\n")]
    var written = 0
    while written < line.count {
      let count = line.withUnsafeBytes {
        write(descriptor, $0.baseAddress! + written, line.count - written)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw StoreError(
          .system(errno: errno), file: path,
          "cannot write: \(Self.reason()); make room and run the same command again")
      }
      written += count
    }
    guard fsync(descriptor) == 0 else {
      throw StoreError(.system(errno: errno), file: path, "cannot sync: \(Self.reason())")
    }
  }

  /// Removes the journal of a build that never began.
  func removeIfEmpty() {
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_size == 0 { unlink(path) }
  }

  private static func reason() -> String { String(cString: strerror(errno)) }
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
