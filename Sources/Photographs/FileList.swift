import Files

/// Paths of files in one block of bytes, which lies in a temporary file when it is large.
///
/// Paths are the bytes of the file system and need not be UTF-8. A list of a
/// folder is in bytewise order. Any number of threads may read a list.
package struct FileList: Sendable {
  private let bytes: SpooledList<UInt8>
  /// Where each path ends in `bytes`; before the first, a zero.
  private let ends: SpooledList<Int>

  private init(bytes: SpooledList<UInt8>, ends: SpooledList<Int>) {
    self.bytes = bytes
    self.ends = ends
  }

  /// An empty list.
  package init() { self.init(bytes: SpooledList(), ends: SpooledList([0])) }

  /// The paths of a source's photographs, in its order, and what it passes over.
  ///
  /// - Throws: `ScanError`, `FileError`.
  package static func paths(
    of source: some PhotographSource, spool: Spool
  ) throws -> (files: FileList, ignored: IgnoredFiles) {
    var ignored = IgnoredFiles()
    let files = try FileList(spool) { add in
      ignored = try source.forEachPhotograph { try add($0.path) }
    }
    return (files, ignored)
  }

  /// - Parameter fill: adds the paths, in the list's order.
  /// - Throws: `FileError`, and whatever `fill` throws.
  package init(_ spool: Spool, _ fill: (_ add: ([UInt8]) throws -> Void) throws -> Void) throws {
    var bytes = SpooledListWriter<UInt8>(spool)
    var ends = SpooledListWriter<Int>(spool)
    try ends.append(0)
    try fill {
      try bytes.append(contentsOf: $0)
      try ends.append(bytes.count)
    }
    self.init(bytes: try bytes.finish(), ends: try ends.finish())
  }

  package var count: Int { ends.count - 1 }
  package var isEmpty: Bool { count == 0 }

  /// Lends the bytes of the path of file `index`.
  ///
  /// - Throws: `FileError` where the temporary file cannot be read, and whatever `body` throws.
  package func withPath<Result>(
    at index: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) throws -> Result {
    let (start, end) = try ends.withElements(in: index..<index + 2) { ($0[0], $0[1]) }
    return try bytes.withElements(in: start..<end, body)
  }

  /// Lends the bytes of every path, in order; faster than one after the other by index.
  package func forEachPath(
    _ body: (_ index: Int, _ path: UnsafeBufferPointer<UInt8>) throws -> Void
  ) throws {
    let stretch = 256
    for first in stride(from: 0, to: count, by: stretch) {
      let last = min(first + stretch, count)
      let places = try ends.withElements(in: first..<last + 1) { Array($0) }
      try bytes.withElements(in: places.first!..<places.last!) { block in
        for (offset, (start, end)) in zip(places, places.dropFirst()).enumerated() {
          let path = block[start - places[0]..<end - places[0]]
          try body(first + offset, UnsafeBufferPointer(rebasing: path))
        }
      }
    }
  }

  /// The bytes of the path of file `index`.
  package func pathBytes(at index: Int) throws -> [UInt8] { try withPath(at: index) { Array($0) } }

  /// The path as text for messages; bytes that are not UTF-8 are replaced. Open files by
  /// `pathBytes`, never by this.
  package func path(at index: Int) throws -> String {
    try withPath(at: index) { String(decoding: $0, as: UTF8.self) }
  }

  /// The part of a path after its last "/".
  package static func baseName(of path: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    let slash = path.lastIndex(of: UInt8(ascii: "/")) ?? -1
    return UnsafeBufferPointer(rebasing: path[(slash + 1)...])
  }
}
