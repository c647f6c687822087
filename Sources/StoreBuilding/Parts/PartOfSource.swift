import Photographs
import Synchronization

/// One part of the photographs of a source.
///
/// The whole source is listed, or the whole archive read from front to back.
final class PartOfSource: PhotographSource {
  private let whole: any PhotographSource
  private let part: PartNumber
  private let state = Mutex(SourceCensus())

  init(_ whole: any PhotographSource, _ part: PartNumber) {
    self.whole = whole
    self.part = part
  }

  /// Of the whole source, as the last pass over it found it.
  var census: SourceCensus { state.withLock { $0 } }

  func forEachPhotograph(_ body: (Photograph) throws -> Void) throws -> IgnoredFiles {
    var census = SourceCensus()
    let ignored = try whole.forEachPhotograph { photograph in
      let hash = photograph.path.withUnsafeBufferPointer(SourceCensus.hash)
      census.add(hash)
      if part.holds(hash) { try body(photograph) }
    }
    state.withLock { $0 = census }
    return ignored
  }
}
