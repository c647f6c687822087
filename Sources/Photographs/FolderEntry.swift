import Glibc

/// The name of a file or folder as a plain value, ordered bytewise.
///
/// A folder's name ends in "/", as it does inside the paths of its files: so the order of a walk
/// is the order of the paths. Linux names have at most 255 bytes (NAME_MAX), none of them zero.
struct FolderEntry: BitwiseCopyable, Comparable, Sendable {
  private var bytes: InlineArray<256, UInt8>

  /// Nil for a name that no Linux file system gives.
  init?(_ name: [UInt8]) {
    guard name.count <= 256 else { return nil }
    bytes = InlineArray(repeating: 0)
    for index in name.indices { bytes[index] = name[index] }
  }

  var name: [UInt8] {
    withUnsafeBytes(of: bytes) { Array($0.prefix { $0 != 0 }) }
  }

  private static func compare(_ a: Self, _ b: Self) -> Int32 {
    withUnsafeBytes(of: a.bytes) { a in
      withUnsafeBytes(of: b.bytes) { b in memcmp(a.baseAddress!, b.baseAddress!, 256) }
    }
  }

  static func < (a: Self, b: Self) -> Bool { compare(a, b) < 0 }
  static func == (a: Self, b: Self) -> Bool { compare(a, b) == 0 }
}
