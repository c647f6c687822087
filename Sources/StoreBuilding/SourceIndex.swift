import Experiment
import Faces
import Files
import Photographs
import Store
import Terminal

/// What a source folder holds, before an image is decoded: its files, which names are accepted
/// with which labels, and what every accepted file contains, as a hash.
struct SourceIndex {
  let files: FileList
  let ignored: IgnoredFiles
  let notices: [String]
  /// In path order; each knows its place in `files`.
  let accepted: SpooledList<SplitFile>
  /// By file, the SHA-256 of what it holds.
  let sources: SpooledList<SourceHash>
  /// Bytes of the accepted files.
  let byteCount: Int
  let rejects: [Reject]
  let irregularNames: Int
  /// Accepted files whose EXIF orientation says to turn them.
  let turnedCount: Int
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
    let source = FolderSource(options.source, spool: options.spool)
    let scan = try FileList.paths(of: source, spool: options.spool)
    guard !scan.files.isEmpty else {
      throw BuildError(
        .input,
        "\(options.source) holds no JPEG or PNG files"
          + (scan.ignored.count == 0 ? "" : " (skipped: \(scan.ignored))")
          + "; give the folder that the UTKFace archive unpacks to")
    }
    files = scan.files
    ignored = scan.ignored
    var notices = try TwinFolders.notices(in: files, spool: options.spool)
    var reading = ContentReading(options, prefix: source.prefix)
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
    turnedCount = reading.turnedCount
    if let first = reading.firstTurned {
      notices.append(
        "\(turnedCount) images carry an EXIF orientation that says to turn them, the first is "
          + "\(visible(String(decoding: first, as: UTF8.self))): their pixels are stored as they are "
          + "in the file; turn the files themselves if the faces are not upright")
    }
    self.notices = notices
    fingerprint = reading.finishFingerprint()
    (accepted, sources) = try reading.finish()
  }
}

/// A file that is not in the store, and why.
struct Reject: Sendable, Equatable {
  /// Its place in the list of files.
  let file: UInt32
  let reason: RejectReason
  let message: String
}
