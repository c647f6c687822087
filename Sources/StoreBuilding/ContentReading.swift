import Checksums
import Experiment
import Faces
import Files
import Images
import Photographs
import Store
import Terminal
import Threads

/// Takes file after file, in path order: parses its name, and reads and hashes what it holds, many
/// files at a time on all threads.
struct ContentReading: ~Copyable {
  private struct Candidate {
    let path: [UInt8]
    let file: UInt32
    let labels: FaceLabels
  }

  private enum Content {
    case pending
    case hash(SourceHash, byteCount: Int, isTurned: Bool)
    case failure(ImageError)
  }

  private let strict: Bool
  private let prefix: [UInt8]
  private let pool: ThreadPool
  private let readers: [FileContents]
  // What waits for the threads does not grow with the data set.
  private let batchSize = 1024
  private var batch: [Candidate] = []
  private var accepted: SpooledListWriter<SplitFile>
  /// By file; zeros where there is none.
  private var sources: SpooledListWriter<SourceHash>
  private(set) var byteCount = 0
  private(set) var rejects: [Reject] = []
  private(set) var irregularNames = 0
  /// Accepted files whose EXIF orientation says to turn them, and the first of them.
  private(set) var turnedCount = 0
  private(set) var firstTurned: [UInt8]?
  private var digest = SHA256Digest()

  /// - Parameter prefix: what stands in front of a path to open its file.
  init(_ options: BuildOptions, prefix: [UInt8]) {
    strict = options.strict
    self.prefix = prefix
    pool = ThreadPool(threadCount: options.threads, name: "hash")
    readers = (0..<options.threads).map { _ in FileContents() }
    accepted = SpooledListWriter(options.spool)
    sources = SpooledListWriter(options.spool)
  }

  mutating func add(_ path: UnsafeBufferPointer<UInt8>, file: UInt32) throws {
    switch FaceFileName.parse(bytes: FileList.baseName(of: path), strict: strict) {
    case .success(let name):
      if name.irregularity != nil { irregularNames += 1 }
      batch.append(Candidate(path: Array(path), file: file, labels: name.labels))
      if batch.count == batchSize { try finishBatch() }
    case .failure(let reject):
      rejects.append(Reject(file: file, reason: reject.reason, message: reject.description))
    }
  }

  /// Reads what waits.
  mutating func finishBatch() throws {
    if Interruption.isRequested {
      throw BuildError(.interrupted, "interrupted while reading; nothing was written")
    }
    var results = [Content](repeating: .pending, count: batch.count)
    results.withUnsafeMutableBufferPointer { results in
      // SAFETY: task i writes element i only; a worker uses its own reader.
      nonisolated(unsafe) let results = results
      nonisolated(unsafe) let readers = readers
      let (batch, prefix) = (batch, prefix)
      pool.forEach(count: batch.count) { task, worker in
        results[task] = Self.content(of: prefix + batch[task].path, readers[worker])
      }
    }
    for (candidate, result) in zip(batch, results) {
      candidate.path.withUnsafeBytes { digest.update($0) }
      switch result {
      case .hash(let source, let count, let isTurned):
        if isTurned {
          turnedCount += 1
          firstTurned = firstTurned ?? candidate.path
        }
        let hash = ContentHash(digest: source.bytes)
        while sources.count < candidate.file { try sources.append(.zero) }
        try sources.append(source)
        try accepted.append(
          SplitFile(content: hash, file: candidate.file, labels: candidate.labels))
        byteCount += count
        // One after the other: a tuple of them would have padding, whose bytes are not defined.
        withUnsafeBytes(of: UInt8(0)) { digest.update($0) }
        withUnsafeBytes(of: hash.high.bigEndian) { digest.update($0) }
        withUnsafeBytes(of: hash.low.bigEndian) { digest.update($0) }
      case .failure(let failure):
        rejects.append(
          Reject(
            file: candidate.file, reason: RejectReason(failure.reason), message: failure.message))
        withUnsafeBytes(of: UInt8(1)) { digest.update($0) }
      case .pending: preconditionFailure("every task of a loop runs")
      }
    }
    batch.removeAll(keepingCapacity: true)
  }

  /// SHA-256 of the paths and contents that were read; starts anew.
  mutating func finishFingerprint() -> String { digest.finishHex() }

  /// The files that are accepted so far, and by file the hash of what it holds.
  consuming func finish() throws(FileError) -> (SpooledList<SplitFile>, SpooledList<SourceHash>) {
    (try accepted.finish(), try sources.finish())
  }

  private static func content(of path: [UInt8], _ reader: FileContents) -> Content {
    do {
      let bytes = try reader.read(path, name: "")
      var digest = SHA256Digest()
      digest.update(bytes)
      let hash = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { output in
        digest.finish(into: output.baseAddress!)
        return SourceHash(bytes: UnsafeRawBufferPointer(output))
      }
      return .hash(
        hash, byteCount: bytes.count, isTurned: ExifOrientation(of: bytes) != .upright)
    } catch {
      return .failure(error)
    }
  }
}
