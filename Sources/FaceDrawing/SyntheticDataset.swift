import Images
import Threads

/// A folder of drawn faces under UTKFace names, for demonstrations and tests.
///
/// `<age>_<gender>_<race>_<yyyyMMddHHmmssSSS>.jpg.chip.jpg`, 200x200 JPEG, quality 90, 4:2:0. Beside
/// the faces there are a few files of the kinds that real collections hold and a reader must survive;
/// ``Oddity`` lists them. The bytes of every file depend on the seed and its index alone, not on the
/// number of threads or of files.
package struct SyntheticDataset: Sendable {
  /// Readable faces with labels of their own.
  package let count: Int
  package let seed: UInt64

  /// Lists the files that a run wrote, so that a later run knows the folder as its own.
  package static let manifestName = ".synthetic-faces"

  package init(count: Int, seed: UInt64) {
    precondition(count > 0, "a data set has at least one face")
    self.count = count
    self.seed = seed
  }

  /// Every file: the faces in order, then the oddities.
  var files: [SyntheticFile] {
    let faces = (0..<count).map { index in
      SyntheticFile(index: index, content: .face, seed: seed)
    }
    return faces
      + Oddity.allCases.map { oddity in
        SyntheticFile(index: count + oddity.rawValue, oddity: oddity, count: count, seed: seed)
      }
  }

  /// Writes all files. A folder that an earlier run wrote is emptied first.
  ///
  /// - Parameters:
  ///   - directory: made if it is not there.
  ///   - threadCount: painters at work at the same time.
  ///   - progress: called on the calling thread with the number of files written so far;
  ///     what it throws ends the work.
  /// - Throws: `FileError` where the folder holds files that no run wrote, another process writes
  ///   it, or a file cannot be written.
  package func write(
    to directory: String, threadCount: Int, progress: (Int) throws -> Void = { _ in }
  ) throws {
    precondition(threadCount > 0, "somebody has to draw")
    let files = files
    let folder = try SyntheticFolder(claiming: directory)
    try folder.prepare(for: files.map(\.name))
    // The claim lasts until all painters are done.
    defer { withExtendedLifetime(folder) {} }

    let state = Monitor(Progress())
    let seed = seed
    let paint: @Sendable (Int) -> Void = { _ in
      let studio = SyntheticStudio(seed: seed)
      // Taken in small portions: one painter may be slower than another.
      while true {
        let portion = state.update { $0.take(16, of: files.count) }
        if portion.isEmpty { return }
        do {
          for index in portion { try studio.write(files[index], to: directory) }
          state.update { $0.written += portion.count }
        } catch {
          state.update { $0.fail(error) }
          return
        }
      }
    }
    let threads = try NamedThread.team(of: min(threadCount, files.count), name: "painter", paint)
    var reported = 0
    while reported < files.count {
      let news = { [reported] (state: Progress) in state.written > reported || state.error != nil }
      let (written, failed) = state.wait(
        until: news, then: { state in (state.written, state.error != nil) })
      if failed { break }
      reported = written
      do {
        try progress(written)
      } catch {
        state.update { $0.fail(error) }
        break
      }
    }
    for thread in threads { thread.join() }
    if let error = state.read({ $0.error }) { throw error }
  }

  private struct Progress {
    var next = 0
    var written = 0
    var error: (any Error)?

    mutating func take(_ count: Int, of total: Int) -> Range<Int> {
      // After a failure no thread gets more work.
      let end = error == nil ? min(next + count, total) : next
      defer { next = end }
      return next..<end
    }

    mutating func fail(_ error: any Error) {
      if self.error == nil { self.error = error }
    }
  }
}
