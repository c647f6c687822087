import Checksums
import Experiment
import Faces
import Files
import Images
import Photographs
import Synchronization
import Terminal

/// Reads and hashes every photograph of a source, and decodes none: whether a store is still what
/// would be made of it.
struct SourceCheck {
  let found: Int
  let ignored: IgnoredFiles
  let turned: TurnedPhotographs
  let irregularNames: Int
  let fingerprint: String

  /// - Throws: `BuildError`, `ScanError`, `ThreadError`.
  init(
    _ source: some PhotographSource, _ options: BuildOptions, _ labels: any LabelSource,
    _ line: ProgressLine
  ) throws {
    let findings = Shared(labels, dropsTop: options.isOfArchives)
    let team = try PhotographTeam(threads: options.threads) {
      let contents = FileContents()
      return { photographs in
        for photograph in photographs { try findings.add(photograph, contents, options) }
      }
    }
    ignored = try source.forEachPhotograph { photograph in
      try team.add(photograph)
      line.update(done: team.doneCount)
      if Interruption.isRequested {
        throw BuildError(.interrupted, "interrupted while reading; nothing was written")
      }
    }
    try team.finish()
    line.finish()
    (found, turned, irregularNames, fingerprint) = findings.results()
  }

  /// What all threads find.
  private final class Shared: Sendable {
    private struct State: ~Copyable {
      var findings = SourceFindings()
      /// The same with the top folder left out, as long as all have one.
      var belowTop = SourceFindings()
      var top: [UInt8]?
      var hasTop = true
    }

    private let labels: any LabelSource
    private let dropsTop: Bool
    private let state = Mutex(State())

    init(_ labels: any LabelSource, dropsTop: Bool) {
      self.labels = labels
      self.dropsTop = dropsTop
    }

    func add(
      _ photograph: Photograph, _ contents: FileContents, _ options: BuildOptions
    ) throws {
      let row = try photograph.path.withUnsafeBufferPointer { try labels.labels(of: $0) }
      guard case .success(let row) = row else { return add(photograph, .refusedName, []) }
      switch photograph.content {
      case .bytes(let bytes): bytes.withUnsafeBytes { add(photograph, row, $0) }
      case .file(let path):
        do throws(ImageError) {
          let bytes = try contents.read(path, name: String(decoding: path, as: UTF8.self))
          add(photograph, row, bytes)
        } catch {
          try options.checkIsReject(error)
          add(photograph, .unreadable, [])
        }
      }
    }

    private func add(
      _ photograph: Photograph, _ row: LabelRow, _ bytes: UnsafeRawBufferPointer
    ) {
      var remarks: SegmentRecord.Remarks = row.isIrregular ? .irregularName : []
      if ExifOrientation(of: bytes) != .upright { remarks.insert(.turned) }
      add(photograph, .read(SourceHash(of: bytes)), remarks)
    }

    private func add(
      _ photograph: Photograph, _ content: SourceFindings.Content,
      _ remarks: SegmentRecord.Remarks
    ) {
      let path = photograph.path
      state.withLock { state in
        path.withUnsafeBytes { state.findings.add(path: $0, content, remarks: remarks) }
        guard dropsTop, state.hasTop else { return }
        let top = path.withUnsafeBytes { Array(RecordTable.topFolder(of: $0)) }
        state.hasTop = (state.top ?? top) == top
        state.top = top
        path[top.count...].withUnsafeBytes {
          state.belowTop.add(path: $0, content, remarks: remarks)
        }
      }
    }

    func results() -> (Int, TurnedPhotographs, Int, String) {
      state.withLock {
        (
          $0.findings.found,
          TurnedPhotographs(count: $0.findings.turnedCount, first: $0.findings.firstTurned),
          $0.findings.irregularNames,
          dropsTop && $0.hasTop ? $0.belowTop.fingerprint() : $0.findings.fingerprint()
        )
      }
    }
  }
}

extension SourceHash {
  /// SHA-256 of bytes.
  init(of bytes: UnsafeRawBufferPointer) {
    var digest = SHA256Digest()
    digest.update(bytes)
    self = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.byteCount) { output in
      digest.finish(into: output.baseAddress!)
      return SourceHash(bytes: UnsafeRawBufferPointer(output))
    }
  }
}
