import HeapModule

/// Sorts any number of plain values in bounded memory: sorted runs in a temporary file, merged.
///
/// Source: Knuth, "The Art of Computer Programming", volume 3, 5.4.1, multiway merging.
///
/// What sorts is inlinable: comparing elements of a type that is not known costs ten times as much.
package struct ExternalSorter<Element: BitwiseCopyable & Comparable & Sendable>: ~Copyable {
  private let spool: Spool
  @usableFromInline let capacity: Int
  @usableFromInline var pending: [Element] = []
  private var file: TemporaryFile?
  private var runs: [Range<Int>] = []

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

  @usableFromInline consuming func merge(_ body: (Element) throws -> Void) throws {
    if !pending.isEmpty { try closeRun() }
    pending = []
    let list = SpooledList<Element>(.file(file!), count: runs.last!.upperBound)
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
  private struct Head: Comparable {
    private(set) var element: Element
    private var buffer: ArraySlice<Element>
    private var rest: Range<Int>

    init?(_ list: SpooledList<Element>, _ run: Range<Int>, _ share: Int) throws {
      let end = min(run.lowerBound + share, run.upperBound)
      buffer = try list.withElements(in: run.lowerBound..<end) { Array($0)[...] }
      rest = end..<run.upperBound
      guard let first = buffer.popFirst() else { return nil }
      element = first
    }

    mutating func advance(_ list: SpooledList<Element>, _ share: Int) throws -> Bool {
      if let next = buffer.popFirst() {
        element = next
        return true
      }
      guard let next = try Head(list, rest, share) else { return false }
      self = next
      return true
    }

    static func < (a: Self, b: Self) -> Bool { a.element < b.element }
    static func == (a: Self, b: Self) -> Bool { a.element == b.element }
  }
}
