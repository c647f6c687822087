import HeapModule

/// Sorts any number of plain values in bounded memory: sorted runs in a temporary file, merged.
///
/// Source: Knuth, "The Art of Computer Programming", volume 3, 5.4.1, multiway merging.
///
/// What sorts is inlinable: comparing elements of a type that is not known costs ten times as much.
/// (Without `@usableFromInline` at the type itself, its inlinable functions stay in this module.)
@usableFromInline
package struct ExternalSorter<Element: BitwiseCopyable & Comparable & Sendable>: ~Copyable {
  private let spool: Spool
  @usableFromInline let capacity: Int
  @usableFromInline var pending: [Element] = []
  private var file: TemporaryFile?
  @usableFromInline var runs: [Range<Int>] = []

  /// A run is as long as fits the spool's memory.
  package init(_ spool: Spool) {
    self.spool = spool
    capacity = max(2, spool.memory / MemoryLayout<Element>.stride)
  }

  package var count: Int { (runs.last?.upperBound ?? 0) + pending.count }

  /// - Throws: `FileError` where a run does not fit the memory and the disk refuses.
  @inlinable package mutating func add(_ element: Element) throws(FileError) {
    pending.append(element)
    guard pending.count == capacity else { return }
    pending.sort()
    try closeRun()
  }

  /// Writes the elements that are in memory, which are sorted.
  @usableFromInline mutating func closeRun() throws(FileError) {
    let target: TemporaryFile
    if let file { target = file } else { target = try TemporaryFile(folder: spool.folder) }
    file = target
    let start = runs.last?.upperBound ?? 0
    try write(pending, to: target, at: start)
    runs.append(start..<start + pending.count)
    pending.removeAll(keepingCapacity: true)
  }

  /// Calls `body` for all elements in ascending order; among equal ones in that of their addition
  /// or not, as is fit for plain values.
  ///
  /// - Throws: `FileError`, and whatever `body` throws.
  @inlinable package consuming func forEachElement(_ body: (Element) throws -> Void) throws {
    pending.sort()
    guard hasRuns else { return try pending.forEach(body) }
    try merge(body)
  }

  @usableFromInline var hasRuns: Bool { file != nil }

  /// Ends the last run.
  ///
  /// - Returns: all runs, one behind the other.
  @usableFromInline mutating func closeRuns() throws(FileError) -> SpooledList<Element> {
    if !pending.isEmpty { try closeRun() }
    pending = []
    return SpooledList(.file(file!), count: runs.last!.upperBound)
  }

  @inlinable consuming func merge(_ body: (Element) throws -> Void) throws {
    let list = try closeRuns()
    // All runs share the memory that one had, but a read of less than 4 KiB would not pay.
    let share = max(capacity / runs.count, 4096 / MemoryLayout<Element>.stride, 1)
    var heap = Heap<Head>()
    for run in runs {
      if let head = try Head(list, run, share) { heap.insert(head) }
    }
    while var head = heap.popMin() {
      try body(head.element)
      if try head.advance(list, share) { heap.insert(head) }
    }
  }

  /// The place that a merge has reached in one run.
  @usableFromInline struct Head: Comparable {
    @usableFromInline var element: Element
    @usableFromInline var buffer: ArraySlice<Element>
    @usableFromInline var rest: Range<Int>

    @inlinable init?(_ list: SpooledList<Element>, _ run: Range<Int>, _ share: Int) throws {
      let end = min(run.lowerBound + share, run.upperBound)
      buffer = try list.withElements(in: run.lowerBound..<end) { Array($0)[...] }
      rest = end..<run.upperBound
      guard let first = buffer.popFirst() else { return nil }
      element = first
    }

    @inlinable mutating func advance(_ list: SpooledList<Element>, _ share: Int) throws -> Bool {
      if let next = buffer.popFirst() {
        element = next
        return true
      }
      guard let next = try Head(list, rest, share) else { return false }
      self = next
      return true
    }

    @inlinable static func < (a: Self, b: Self) -> Bool { a.element < b.element }
    @inlinable static func == (a: Self, b: Self) -> Bool { a.element == b.element }
  }
}
