import FaceDataset
import ShardStore
import TerminalOutput
import WorkerThreads

/// What a source folder holds, before an image is decoded: its files, which names are accepted
/// with which labels, and what every accepted file contains, as a hash.
struct SourceIndex {
  var files = FileList()
  var ignoredCount = 0
  var notices: [String] = []
  /// Accepted so far: places in `files`.
  var accepted: [UInt32] = []
  /// One for each of `accepted`.
  var contents: [SplitFile] = []
  /// Bytes of the accepted files.
  var byteCount = 0
  var rejects: [Reject] = []
  var irregularNames = 0
  /// SHA-256 of all paths and contents, in the order of the paths.
  var fingerprint = ""

  /// Scans, parses names, and reads every accepted file once.
  ///
  /// - Throws: `ScanError` where a folder cannot be read; `BuildError` where nothing is accepted.
  init(
    _ options: BuildOptions, progress makeProgress: (_ label: String, _ total: Int) -> ProgressLine
  )
    throws
  {
    let scan = try DatasetScanner.scan(options.source)
    files = scan.files
    ignoredCount = scan.ignoredCount
    notices = scan.notices
    guard !files.isEmpty else {
      throw BuildError(
        .input,
        "\(options.source) holds no JPEG or PNG files; give the folder that the UTKFace archive "
          + "unpacks to")
    }
    var labels: [FaceLabels] = []
    for index in 0..<files.count {
      switch files.withBaseName(
        at: index, { FaceFileName.parse(bytes: $0, strict: options.strict) })
      {
      case .success(let name):
        accepted.append(UInt32(index))
        labels.append(name.labels)
        if name.irregularity != nil { irregularNames += 1 }
      case .failure(let reject):
        rejects.append(
          Reject(file: UInt32(index), reason: reject.reason, message: reject.description))
      }
    }
    try readContents(
      labels, options, progress: makeProgress("reading", accepted.count))
  }

  private enum Content {
    case pending
    case hash(ContentHash, byteCount: Int)
    case failure(FileContents.Failure)
  }

  private mutating func readContents(
    _ labels: [FaceLabels], _ options: BuildOptions, progress: ProgressLine
  ) throws {
    let pool = ThreadPool(threadCount: options.threads, name: "hash")
    let readers = (0..<options.threads).map { _ in FileContents() }
    let prefix = Array((options.source + "/").utf8)
    let batch = 4096
    var kept: [UInt32] = []
    var digest = SHA256Digest()
    // In stretches, so that what waits for the digest does not grow with the data set.
    for start in stride(from: 0, to: accepted.count, by: batch) {
      if Interruption.isRequested {
        throw BuildError(.interrupted, "interrupted while reading; nothing was written")
      }
      let places = accepted[start..<min(start + batch, accepted.count)]
      var results = [Content](repeating: .pending, count: places.count)
      results.withUnsafeMutableBufferPointer { results in
        // SAFETY: task i writes element i only.
        nonisolated(unsafe) let results = results
        nonisolated(unsafe) let readers = readers
        let files = files
        pool.forEach(count: places.count) { task, worker in
          let path = files.withPath(at: Int(places[places.startIndex + task])) { prefix + $0 }
          results[task] = Self.content(of: path, readers[worker])
        }
      }
      for (offset, result) in results.enumerated() {
        let file = places[places.startIndex + offset]
        files.withPath(at: Int(file)) { digest.update(UnsafeRawBufferPointer($0)) }
        switch result {
        case .hash(let hash, let count):
          kept.append(file)
          contents.append(SplitFile(content: hash, labels: labels[start + offset]))
          byteCount += count
          withUnsafeBytes(of: (UInt8(0), hash.high.bigEndian, hash.low.bigEndian)) {
            digest.update($0)
          }
        case .failure(let failure):
          rejects.append(Reject(file: file, reason: failure.reason, message: failure.message))
          withUnsafeBytes(of: UInt8(1)) { digest.update($0) }
        case .pending: preconditionFailure("every task of a loop runs")
        }
      }
      progress.update(done: start + places.count)
    }
    progress.finish()
    accepted = kept
    fingerprint = digest.finishHex()
  }

  private static func content(of path: [UInt8], _ reader: FileContents) -> Content {
    do {
      let bytes = try reader.read(path)
      var digest = SHA256Digest()
      digest.update(bytes)
      let hash = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { output in
        digest.finish(into: output.baseAddress!)
        return ContentHash(digest: output)
      }
      return .hash(hash, byteCount: bytes.count)
    } catch {
      return .failure(error)
    }
  }
}

/// A file that is not in the store, and why.
struct Reject: Sendable, Equatable {
  /// Its place in the list of files.
  let file: UInt32
  let reason: RejectReason
  let message: String
}
