/// Paths of files in one block of bytes: about 60 bytes a file instead of 150 as strings.
///
/// Paths are the bytes of the file system and need not be UTF-8. A list from `DatasetScanner` is in
/// bytewise order.
public struct FileList: Sendable {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  public init() {}

  public var count: Int { ends.count }
  public var isEmpty: Bool { ends.isEmpty }

  /// The bytes that paths and offsets occupy.
  public var byteCount: Int { bytes.count + ends.count * MemoryLayout<Int>.stride }

  /// Appends a path relative to the scanned folder, components separated by "/".
  public mutating func append(path: some Collection<UInt8>) {
    bytes.append(contentsOf: path)
    ends.append(bytes.count)
  }

  public mutating func append(path: String) { append(path: path.utf8) }

  /// Gives back what the doubling growth of the arrays reserved.
  mutating func compact() {
    bytes = bytes.withUnsafeBufferPointer { Self.exactCopy($0) }
    ends = ends.withUnsafeBufferPointer { Self.exactCopy($0) }
  }

  private static func exactCopy<T>(_ source: UnsafeBufferPointer<T>) -> [T] {
    Array(unsafeUninitializedCapacity: source.count) { target, count in
      _ = target.initialize(from: source)
      count = source.count
    }
  }

  /// Lends the bytes of the path of file `index`.
  public func withPath<Result>(
    at index: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result {
    let start = index == 0 ? 0 : ends[index - 1]
    let end = ends[index]
    return try bytes.withUnsafeBufferPointer { try body(.init(rebasing: $0[start..<end])) }
  }

  /// Lends the bytes after the last "/" of the path of file `index`.
  public func withBaseName<Result>(
    at index: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result {
    try withPath(at: index) { path in
      let slash = path.lastIndex(of: UInt8(ascii: "/")) ?? -1
      return try body(.init(rebasing: path[(slash + 1)...]))
    }
  }

  /// The path as text for messages; bytes that are not UTF-8 are replaced. Open files by
  /// `withPath`, never by this.
  public func path(at index: Int) -> String {
    withPath(at: index) { String(decoding: $0, as: UTF8.self) }
  }

  /// The base name as text for messages and labels; bytes that are not UTF-8 are replaced.
  public func baseName(at index: Int) -> String {
    withBaseName(at: index) { String(decoding: $0, as: UTF8.self) }
  }
}
