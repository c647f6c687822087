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
    var parts = runs.map { Part(rest: $0) }
    var heap = Heap<Head>()
    for number in parts.indices {
      if let element = try parts[number].next(list, share) {
        heap.insert(Head(element: element, part: number))
      }
    }
    while let head = heap.min {
      try body(head.element)
      if let element = try parts[head.part].next(list, share) {
        heap.replaceMin(with: Head(element: element, part: head.part))
      } else {
        heap.removeMin()
      }
    }
  }

  /// The first element that a run has left.
  @usableFromInline struct Head: Comparable {
    @usableFromInline let element: Element
    @usableFromInline let part: Int

    @inlinable init(element: Element, part: Int) {
      self.element = element
      self.part = part
    }

    @inlinable static func < (a: Self, b: Self) -> Bool { a.element < b.element }
    @inlinable static func == (a: Self, b: Self) -> Bool { a.element == b.element }
  }

  /// What a merge has not reached of a run.
  @usableFromInline struct Part {
    @usableFromInline var buffer: [Element] = []
    @usableFromInline var place = 0
    @usableFromInline var rest: Range<Int>

    @inlinable init(rest: Range<Int>) { self.rest = rest }

    @inlinable mutating func next(_ list: SpooledList<Element>, _ share: Int) throws -> Element? {
      if place == buffer.count {
        guard !rest.isEmpty else { return nil }
        let end = min(rest.lowerBound + share, rest.upperBound)
        buffer = try list.withElements(in: rest.lowerBound..<end, Array.init)
        place = 0
        rest = end..<rest.upperBound
      }
      place += 1
      return buffer[place - 1]
    }
  }
}
