/// A finished list of plain values, in memory while it is small and in a temporary file otherwise.
/// Any number of threads may read it.
@usableFromInline
package struct SpooledList<Element: BitwiseCopyable & Sendable>: Sendable {
  enum Storage: Sendable {
    case memory([Element])
    case file(TemporaryFile)
  }

  private let storage: Storage
  @usableFromInline package let count: Int

  init(_ storage: Storage, count: Int) {
    self.storage = storage
    self.count = count
  }

  /// A list that lies in memory, whatever its size.
  package init(_ elements: [Element] = []) { self.init(.memory(elements), count: elements.count) }

  package var isEmpty: Bool { count == 0 }

  /// Lends a range of the elements. They are copied where the list lies in a file.
  ///
  /// - Precondition: the range lies in 0 ..< `count`.
  /// - Throws: `FileError` where the file cannot be read, and whatever `body` throws.
  @usableFromInline
  package func withElements<Result>(
    in range: Range<Int>, _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) throws -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "a range of the list")
    switch storage {
    case .memory(let elements):
      return try elements.withUnsafeBufferPointer { try body(.init(rebasing: $0[range])) }
    case .file(let file):
      return try withUnsafeTemporaryAllocation(of: Element.self, capacity: range.count) { buffer in
        try file.read(
          into: UnsafeMutableRawBufferPointer(buffer),
          at: range.lowerBound * MemoryLayout<Element>.stride)
        return try body(UnsafeBufferPointer(buffer))
      }
    }
  }

  /// - Precondition: 0 <= `index` < `count`.
  package func element(at index: Int) throws -> Element {
    try withElements(in: index..<index + 1) { $0[0] }
  }

  /// All elements, for lists that are known to be small.
  package func elements() throws -> [Element] { try withElements(in: 0..<count) { Array($0) } }

  /// Calls `body` for the elements in order, from `start` on.
  @inlinable package func forEachElement(from start: Int = 0, _ body: (Element) throws -> Void)
    throws
  {
    // 64 KiB at a time: what a system call costs no longer counts.
    let stretch = max(1, (1 << 16) / MemoryLayout<Element>.stride)
    for first in stride(from: start, to: count, by: stretch) {
      try withElements(in: first..<min(first + stretch, count)) { try $0.forEach(body) }
    }
  }
}

/// Makes a `SpooledList` from front to back.
@usableFromInline
package struct SpooledListWriter<Element: BitwiseCopyable & Sendable>: ~Copyable {
  private let spool: Spool
  @usableFromInline var pending: [Element] = []
  private var file: TemporaryFile?
  private var written = 0
  /// Elements in memory beyond which they go to the file.
  @usableFromInline var limit: Int

  package init(_ spool: Spool) {
    self.spool = spool
    limit = spool.memory / MemoryLayout<Element>.stride
  }

  package var count: Int { written + pending.count }

  /// - Throws: `FileError` where the list has become large and the disk refuses.
  @inlinable package mutating func append(_ element: Element) throws(FileError) {
    pending.append(element)
    if pending.count > limit { try spill() }
  }

  package mutating func append(contentsOf elements: some Collection<Element>) throws(FileError) {
    pending.append(contentsOf: elements)
    if pending.count > limit { try spill() }
  }

  @usableFromInline mutating func spill() throws(FileError) {
    let isFirst = file == nil
    let target: TemporaryFile
    if let file { target = file } else { target = try TemporaryFile(folder: spool.folder) }
    file = target
    try write(pending, to: target, at: written)
    written += pending.count
    // Once there is a file, it takes 64 KiB at a time.
    limit = min(limit, (1 << 16) / MemoryLayout<Element>.stride)
    // The first stretch was a long one: its memory is given back.
    pending.removeAll(keepingCapacity: !isFirst)
  }

  /// The list of everything that was appended.
  package consuming func finish() throws(FileError) -> SpooledList<Element> {
    guard file != nil else { return SpooledList(.memory(pending), count: pending.count) }
    try spill()
    return SpooledList(.file(file!), count: written)
  }
}

/// Writes elements at the place that a list of them has in its file.
func write<Element: BitwiseCopyable>(
  _ elements: [Element], to file: TemporaryFile, at index: Int
) throws(FileError) {
  // A closure of the standard library's would lose the type of the error.
  let outcome: Result<Void, FileError> = elements.withUnsafeBytes { bytes in
    do throws(FileError) {
      return .success(try file.write(bytes, at: index * MemoryLayout<Element>.stride))
    } catch {
      return .failure(error)
    }
  }
  try outcome.get()
}
