import Files
import Terminal

/// Reads the directory at the end of a zip archive and checks every entry's place in the file.
struct ZipDirectoryReader {
  let file: MappedFile

  private struct Directory {
    let entryCount: Int
    let range: Range<Int>
  }

  /// What the directory says about one entry.
  private struct Record {
    var name = ""
    var flags: UInt16 = 0
    var method: UInt16 = 0
    var checksum: UInt32 = 0
    var storedSize: UInt64 = 0
    var size: UInt64 = 0
    var headerOffset: UInt64 = 0
  }

  /// - Throws: `FileError` where the archive is cut short, compressed, encrypted, split,
  ///   or has entries that overlap or lie outside the file.
  func entries() throws(FileError) -> [ZipArchive.Entry] {
    let directory = try findDirectory()
    var cursor = ByteCursor(file.bytes, in: directory.range)
    var entries: [ZipArchive.Entry] = []
    var starts: [Range<Int>] = []
    for index in 0..<directory.entryCount {
      guard let record = record(&cursor) else {
        throw fail("zip entry \(index) of \(directory.entryCount) in the directory is cut short")
      }
      let (header, data) = try place(record, before: directory.range.lowerBound)
      entries.append(
        .init(name: record.name, checksum: record.checksum, method: record.method, range: data))
      starts.append(header..<data.upperBound)
    }
    let order = starts.indices.sorted { starts[$0].lowerBound < starts[$1].lowerBound }
    for (before, after) in zip(order, order.dropFirst())
    where starts[before].upperBound > starts[after].lowerBound {
      throw fail(
        "zip entries \(quoted(entries[before].name)) and \(quoted(entries[after].name)) overlap")
    }
    return entries
  }

  private func fail(_ message: String) -> FileError {
    FileError(file.path, message)
  }

  /// The end-of-directory record (4.3.16), or its zip64 form (4.3.14, 4.3.15) where sizes ask.
  private func findDirectory() throws(FileError) -> Directory {
    let count = file.bytes.count
    // The record has 22 bytes and a comment of up to 65535. Bytes that someone has put behind it
    // do not matter, as PyTorch does not mind them either.
    var end: Int?
    for candidate in stride(from: count - 22, through: max(0, count - 22 - 0xFFFF), by: -1) {
      var cursor = ByteCursor(file.bytes, in: candidate..<count)
      guard cursor.uint32() == 0x0605_4B50 else { continue }
      cursor.skip(16)
      if let comment = cursor.uint16(), candidate + 22 + Int(comment) <= count {
        end = candidate
        break
      }
    }
    guard let end else {
      throw fail("the zip archive has no directory at its end: cut short; get the file again")
    }
    var cursor = ByteCursor(file.bytes, in: end + 4..<end + 22)
    let disks = cursor.uint32()
    _ = cursor.uint16()
    guard disks == 0, let entryCount = cursor.uint16(), let size = cursor.uint32(),
      let offset = cursor.uint32()
    else { throw fail("the zip archive is split over several files") }
    if entryCount == .max || size == .max || offset == .max {
      return try findZip64Directory(before: end)
    }
    return try checked(UInt64(entryCount), UInt64(size), UInt64(offset), end: end)
  }

  private func findZip64Directory(before end: Int) throws(FileError) -> Directory {
    guard end >= 20 else { throw fail("the zip64 directory is missing: cut short") }
    var locator = ByteCursor(file.bytes, in: end - 20..<end)
    guard locator.uint32() == 0x0706_4B50, locator.uint32() == 0, let place = locator.uint64(),
      place <= UInt64(end - 20)
    else { throw fail("the zip64 directory is missing or outside the file") }
    var cursor = ByteCursor(file.bytes, in: Int(place)..<end - 20)
    let signature = cursor.uint32()
    cursor.skip(12)
    guard signature == 0x0606_4B50, cursor.uint64() == 0, cursor.uint64() != nil,
      let entryCount = cursor.uint64(), let size = cursor.uint64(), let offset = cursor.uint64()
    else { throw fail("the zip64 directory record is cut short or of several files") }
    return try checked(entryCount, size, offset, end: Int(place))
  }

  private func checked(
    _ entryCount: UInt64, _ size: UInt64, _ offset: UInt64, end: Int
  ) throws(FileError) -> Directory {
    guard entryCount <= ZipArchive.largestEntryCount, size <= ZipArchive.largestDirectory else {
      throw fail(
        "the zip directory claims \(entryCount) entries and \(size) bytes, at most "
          + "\(ZipArchive.largestEntryCount) and \(ZipArchive.largestDirectory) are accepted")
    }
    guard offset <= UInt64(end), size <= UInt64(end) - offset else {
      throw fail("the zip directory at byte \(offset) with \(size) bytes lies outside the file")
    }
    return Directory(entryCount: Int(entryCount), range: Int(offset)..<Int(offset + size))
  }

  /// A directory header (4.3.12), or nil where it is cut short or is none.
  private func record(_ cursor: inout ByteCursor) -> Record? {
    guard cursor.uint32() == 0x0201_4B50 else { return nil }
    cursor.skip(4)
    var record = Record()
    guard let flags = cursor.uint16(), let method = cursor.uint16() else { return nil }
    cursor.skip(4)
    guard let checksum = cursor.uint32(), let storedSize = cursor.uint32(),
      let size = cursor.uint32(), let nameCount = cursor.uint16(),
      let extraCount = cursor.uint16(), let commentCount = cursor.uint16()
    else { return nil }
    cursor.skip(8)
    guard let headerOffset = cursor.uint32(), let name = cursor.bytes(Int(nameCount)),
      let extra = cursor.range(Int(extraCount)), cursor.range(Int(commentCount)) != nil,
      let text = String(validating: name, as: UTF8.self)
    else { return nil }
    record.name = text
    record.flags = flags
    record.method = method
    record.checksum = checksum
    record.size = UInt64(size)
    record.storedSize = UInt64(storedSize)
    record.headerOffset = UInt64(headerOffset)
    return widened(record, by: extra)
  }

  /// Takes the 64-bit values of the zip64 extra field (4.5.3) where the 32-bit ones are full.
  private func widened(_ record: Record, by extra: Range<Int>) -> Record? {
    let full = UInt64(UInt32.max)
    guard [record.size, record.storedSize, record.headerOffset].contains(full) else {
      return record
    }
    var record = record
    var cursor = ByteCursor(file.bytes, in: extra)
    while let identifier = cursor.uint16(), let count = cursor.uint16(),
      let field = cursor.range(Int(count))
    {
      guard identifier == 1 else { continue }
      var values = ByteCursor(file.bytes, in: field)
      for path in [\Record.size, \Record.storedSize, \Record.headerOffset]
      where record[keyPath: path] == full {
        guard let value = values.uint64() else { return nil }
        record[keyPath: path] = value
      }
      return record
    }
    return nil
  }

  /// Follows the record to the entry's own header (4.3.7); gives where that and the data are.
  private func place(
    _ record: Record, before end: Int
  ) throws(FileError) -> (header: Int, data: Range<Int>) {
    let name = quoted(record.name)
    guard record.flags & 1 == 0 else { throw fail("zip entry \(name) is encrypted") }
    guard record.method != 0 || record.storedSize == record.size else {
      throw fail("zip entry \(name) has two sizes, \(record.storedSize) and \(record.size) bytes")
    }
    guard record.headerOffset <= UInt64(end), record.storedSize <= UInt64(end) else {
      throw fail(
        "zip entry \(name) claims \(record.storedSize) bytes at byte \(record.headerOffset), outside "
          + "the file")
    }
    let header = Int(record.headerOffset)
    var cursor = ByteCursor(file.bytes, in: header..<end)
    let signature = cursor.uint32()
    cursor.skip(22)
    guard signature == 0x0403_4B50, let nameCount = cursor.uint16(),
      let extraCount = cursor.uint16(), let localName = cursor.bytes(Int(nameCount)),
      localName.elementsEqual(record.name.utf8), cursor.range(Int(extraCount)) != nil,
      let data = cursor.range(Int(record.storedSize))
    else {
      throw fail("zip entry \(name) is not where the directory says, or cut short")
    }
    return (header, data)
  }
}
