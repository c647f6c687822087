import Checksums
import Files
import Terminal

/// The entries of a zip archive of stored (not compressed) files, as PyTorch writes them; zip64
/// too. PKWARE APPNOTE 6.3.
///
/// All places and sizes are checked when the archive is opened; a checksum when an entry is read.
struct ZipArchive {
  static let largestEntryCount = 100_000
  static let largestDirectory = 16 << 20

  struct Entry {
    let name: String
    let checksum: UInt32
    /// How the data is compressed; 0 is not at all.
    let method: UInt16
    /// Where the entry's data is in the file.
    let range: Range<Int>
  }

  private let file: MappedFile
  private let entries: [String: Entry]

  /// The names of all entries, sorted.
  var names: [String] { entries.keys.sorted() }

  init(_ file: MappedFile) throws(FileError) {
    self.file = file
    let reader = ZipDirectoryReader(file: file)
    let list = try reader.entries()
    var entries: [String: Entry] = [:]
    for entry in list where entries.updateValue(entry, forKey: entry.name) != nil {
      throw FileError(file.path, "the zip archive has two entries \(quoted(entry.name))")
    }
    self.entries = entries
  }

  /// How many bytes the entry has, or nil where there is none of that name.
  func size(of name: String) -> Int? { entries[name]?.range.count }

  /// The entry's bytes, after its checksum was found right.
  func contents(of name: String) throws(FileError) -> TensorBytes {
    guard let entry = entries[name] else {
      throw FileError(file.path, "the zip archive lacks \(quoted(name))")
    }
    guard entry.method == 0 else {
      throw FileError(
        file.path,
        "zip entry \(quoted(name)) is compressed (method \(entry.method)), expected stored "
          + "bytes as torch.save writes them; load the file with torch.load and save it again, or "
          + "pack it with zip -0")
    }
    let bytes = file.contents[entry.range]
    let checksum = bytes.withUnsafeBytes { CRC32.checksum(of: $0) }
    guard checksum == entry.checksum else {
      let found = String(checksum, radix: 16)
      throw FileError(
        file.path,
        "entry \(quoted(name)) is damaged: its CRC-32 is \(found), expected "
          + "\(String(entry.checksum, radix: 16)); get the file again")
    }
    return bytes
  }
}
