import Faces
import Files
import Store
import Terminal

/// What a source folder holds, before an image is decoded: its files, which names are accepted
/// with which labels, and what every accepted file contains, as a hash.
struct SourceIndex {
  let files: FileList
  let ignoredCount: Int
  let notices: [String]
  /// In path order; each knows its place in `files`.
  let accepted: SpooledList<SplitFile>
  /// Bytes of the accepted files.
  let byteCount: Int
  let rejects: [Reject]
  let irregularNames: Int
  /// SHA-256 of all accepted paths and contents, in the order of the paths.
  let fingerprint: String

  /// Scans, parses names, and reads every accepted file once.
  ///
  /// - Throws: `ScanError` where a folder cannot be read; `BuildError` where there are no images;
  ///   `FileError`.
  init(
    _ options: BuildOptions, progress makeProgress: (_ label: String, _ total: Int) -> ProgressLine
  )
    throws
  {
    let scan = try DatasetScanner.scan(options.source, spool: options.spool)
    guard !scan.files.isEmpty else {
      throw BuildError(
        .input,
        "\(options.source) holds no JPEG or PNG files; give the folder that the UTKFace archive "
          + "unpacks to")
    }
    files = scan.files
    ignoredCount = scan.ignoredCount
    notices = scan.notices
    var reading = ContentReading(options)
    let progress = makeProgress("reading", scan.files.count)
    try scan.files.forEachPath { index, path in
      try reading.add(path, file: UInt32(index))
      progress.update(done: index)
    }
    try reading.finishBatch()
    progress.finish()
    byteCount = reading.byteCount
    rejects = reading.rejects
    irregularNames = reading.irregularNames
    fingerprint = reading.finishFingerprint()
    accepted = try reading.finish()
  }
}

/// A file that is not in the store, and why.
struct Reject: Sendable, Equatable {
  /// Its place in the list of files.
  let file: UInt32
  let reason: RejectReason
  let message: String
}
