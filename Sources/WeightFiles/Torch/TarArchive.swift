import Files
import Terminal

/// The members of a tar archive (POSIX.1-2017, pax interchange format), by name.
struct TarArchive {
  private static let largestMemberCount = 100
  private static let blockSize = 512

  private(set) var members: [String: Range<Int>] = [:]

  /// - Throws: `FileError` where a header is damaged, a member is cut short or appears twice,
  ///   or is not a regular file.
  init(_ file: MappedFile) throws(FileError) {
    func fail(_ message: String) -> FileError {
      FileError(file.path, "the tar archive \(message)")
    }
    var offset = 0
    while offset + Self.blockSize <= file.bytes.count {
      let header = UnsafeRawBufferPointer(rebasing: file.bytes[offset..<offset + Self.blockSize])
      // Two blocks of zeros end the archive; one is enough to know.
      if header.allSatisfy({ $0 == 0 }) { break }
      guard members.count < Self.largestMemberCount else {
        throw fail("has more than \(Self.largestMemberCount) members")
      }
      guard Self.checksumIsRight(header), let size = Self.octal(header[124..<136]) else {
        throw fail("has a damaged header at byte \(offset)")
      }
      let start = offset + Self.blockSize
      guard size <= file.bytes.count - start else {
        throw fail("claims \(size) bytes at byte \(start), beyond its end: cut short")
      }
      let data = start..<start + size
      let name = String(decoding: header[..<100].prefix { $0 != 0 }, as: UTF8.self)
      switch header[156] {
      case 0, UInt8(ascii: "0"):
        guard members.updateValue(data, forKey: name) == nil else {
          throw fail("has two members \(quoted(name))")
        }
      case UInt8(ascii: "x"), UInt8(ascii: "g"):
        // Attributes of the next member, such as its time. Those that would move it are not read.
        let text = String(decoding: file.bytes[data].prefix(4096), as: UTF8.self)
        guard size <= 4096, !text.contains(" path="), !text.contains(" size=") else {
          throw fail("gives a member another name or size in an extended header")
        }
      default: throw fail("has the member \(quoted(name)), which is not a regular file")
      }
      let padding = (Self.blockSize - size % Self.blockSize) % Self.blockSize
      offset = start + size + padding
    }
  }

  /// The sum of the header's bytes, with blanks in the place of the sum itself.
  private static func checksumIsRight(_ header: UnsafeRawBufferPointer) -> Bool {
    let sum = header.indices.reduce(0) { sum, index in
      sum + ((148..<156).contains(index) ? 0x20 : Int(header[index]))
    }
    return octal(header[148..<156]) == sum
  }

  /// Octal digits up to a blank or zero byte; nil for none, or for the binary form of huge sizes.
  private static func octal(_ field: Slice<UnsafeRawBufferPointer>) -> Int? {
    let digits = field.drop { $0 == 0x20 }.prefix { (0x30...0x37).contains($0) }
    guard !digits.isEmpty else { return nil }
    return digits.reduce(0) { $0 << 3 | Int($1 - 0x30) }
  }
}
