import CArchive
import Glibc

/// Reads the files in a tar, a gzipped tar or a zip from front to back, without unpacking it.
///
/// ```swift
/// let archive = try ArchiveReader(path: "UTKFace.tar.gz")
/// while let entry = try archive.next() {
///   if entry.refusal == nil, wants(entry.path) { use(entry.path, try archive.content()) }
/// }
/// ```
///
/// Nothing is written to the disk, so a path is only a name here; those that would lead outside of
/// the folder are refused nevertheless, as are links, whose target a stream cannot give. Folders,
/// hidden files and `__MACOSX` are passed over and counted. One reader belongs to one thread.
package final class ArchiveReader {
  /// A file in the archive.
  package struct Entry: Equatable, Sendable {
    /// Relative, without `.` components.
    package let path: [UInt8]
    /// Why its content cannot be had: part of a sentence.
    package let refusal: String?
  }

  package let path: String
  private let limits: ArchiveLimits
  private let archive: OpaquePointer
  private let locale: locale_t?
  private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 64)
  private var unpackedByteCount = 0
  /// Hidden files and files of other programs that were passed over.
  package private(set) var passedOverCount = 0

  /// - Throws: `ArchiveError` where the file cannot be read, or ends early.
  package init(path: String, limits: ArchiveLimits = ArchiveLimits()) throws(ArchiveError) {
    self.path = path
    self.limits = limits
    guard let archive = archive_read_new() else {
      throw ArchiveError(path: path, message: "not enough memory to read the archive")
    }
    self.archive = archive
    // libarchive converts names to the locale's encoding, and in the C locale loses what is not
    // ASCII. In this one, bytes stay as they are.
    locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil)
    archive_read_support_filter_gzip(archive)
    archive_read_support_format_tar(archive)
    archive_read_support_format_gnutar(archive)
    archive_read_support_format_zip(archive)
    guard archive_read_open_filename(archive, path, 1 << 20) == ARCHIVE_OK else { throw failure() }
    try checkEnd()
  }

  deinit {
    archive_read_free(archive)
    if let locale { freelocale(locale) }
    buffer.deallocate()
  }

  /// A tar that was cut between two entries looks whole, but for the zeros at its end.
  private func checkEnd() throws(ArchiveError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var head = [UInt8](repeating: 0, count: 512)
    guard pread(descriptor, &head, 512, 0) == 512, head[257..<262].elementsEqual("ustar".utf8)
    else { return }
    var tail = [UInt8](repeating: 1, count: 1024)
    let size = lseek(descriptor, 0, SEEK_END)
    guard pread(descriptor, &tail, 1024, size - 1024) == 1024, tail.allSatisfy({ $0 == 0 }) else {
      throw ArchiveError(
        path: path, message: "the archive ends early; download or copy it again")
    }
  }

  /// The next file, whose content `content()` gives; nil after the last.
  ///
  /// - Throws: `ArchiveError` where the archive is damaged, ends early, or unpacks to more than the
  ///   limits allow.
  package func next() throws(ArchiveError) -> Entry? {
    while true {
      var header: OpaquePointer?
      let status = withLocale { archive_read_next_header(archive, &header) }
      if status == ARCHIVE_EOF { return nil }
      guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let header else { throw failure() }
      try checkTotal()
      let type = archive_entry_filetype(header)
      if type == S_IFDIR { continue }
      guard let name = withLocale({ archive_entry_pathname(header) }) else {
        throw ArchiveError(path: path, message: "an entry has no name that can be read")
      }
      let raw = Array(UnsafeBufferPointer(start: name, count: strlen(name)).lazy.map(UInt8.init))
      guard let normal = ArchivePath.normalized(raw) else {
        return Entry(path: raw, refusal: "its path leads outside of the archive's folder")
      }
      guard ArchivePath.isVisible(normal) else {
        passedOverCount += 1
        continue
      }
      return Entry(path: normal, refusal: refusal(of: header, type))
    }
  }

  private func refusal(of header: OpaquePointer, _ type: mode_t) -> String? {
    if type == S_IFLNK || archive_entry_hardlink(header) != nil {
      return "is a link in the archive, which a stream cannot follow; unpack the archive and give "
        + "the folder"
    }
    if type != S_IFREG { return "is not a regular file" }
    if archive_entry_is_encrypted(header) != 0 { return "is encrypted" }
    if archive_entry_size_is_set(header) != 0, archive_entry_size(header) > limits.entryByteCount {
      return "has \(archive_entry_size(header)) bytes, at most \(limits.entryByteCount) fit"
    }
    return nil
  }

  /// The bytes of the file that `next()` gave last, valid until the next call.
  ///
  /// - Returns: nil where they are more than the limit for one file, whatever its header says.
  /// - Throws: `ArchiveError` where the archive is damaged, ends early, or unpacks to more than the
  ///   limits allow.
  package func content() throws(ArchiveError) -> UnsafeRawBufferPointer? {
    var count = 0
    while true {
      if count == buffer.count { grow() }
      let got = archive_read_data(archive, buffer.baseAddress! + count, buffer.count - count)
      guard got >= 0 else { throw failure() }
      if got == 0 { return UnsafeRawBufferPointer(rebasing: buffer[..<count]) }
      count += got
      unpackedByteCount += got
      try checkTotal()
      if count > limits.entryByteCount { return nil }
    }
  }

  private func grow() {
    let larger = UnsafeMutableRawBufferPointer.allocate(
      byteCount: 2 * buffer.count, alignment: 64)
    larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
    buffer.deallocate()
    buffer = larger
  }

  private func checkTotal() throws(ArchiveError) {
    // What is passed over was unpacked too, where the whole archive is compressed.
    let unpacked = max(unpackedByteCount, Int(archive_filter_bytes(archive, 0)))
    let packed = max(1, Int(archive_filter_bytes(archive, -1)))
    guard unpacked <= limits.totalByteCount else {
      throw ArchiveError(
        path: path,
        message: "unpacks to more than \(limits.totalByteCount) bytes; give a smaller archive")
    }
    guard unpacked <= limits.ratioFloor || unpacked / packed <= limits.ratio else {
      throw ArchiveError(
        path: path,
        message: "unpacks to more than \(limits.ratio) times its size, as photographs never do; "
          + "the archive is damaged or hostile")
    }
  }

  private func withLocale<Result>(_ body: () -> Result) -> Result {
    guard let locale else { return body() }
    let previous = uselocale(locale)
    defer { uselocale(previous) }
    return body()
  }

  private func failure() -> ArchiveError {
    let words = archive_error_string(archive).map { String(cString: $0) } ?? "unknown error"
    return ArchiveError(
      path: path,
      message: "cannot be read as a .tar, .tar.gz or .zip archive: \(words); download or copy it "
        + "again")
  }
}
