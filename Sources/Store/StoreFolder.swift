import Files
import Glibc

/// A store's folder, held open: whatever is read through it is of one store, also when another
/// store takes its name meanwhile.
final class StoreFolder: Sendable {
  let path: String
  private let descriptor: Int32

  /// How often a store is opened again that is replaced while it is opened.
  static let attempts = 20

  /// - Throws: `StoreError` where there is no such folder, or it may not be read.
  init(_ path: String) throws {
    self.path = path
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let code = errno
      guard code == ENOENT || code == ENOTDIR else {
        throw StoreError(FileError(path, cannot: "open", code: code))
      }
      throw Self.notAStore(
        path, code == ENOENT ? "does not exist" : "is not a store: it is not a folder")
    }
  }

  deinit { close(descriptor) }

  static func notAStore(_ path: String, _ problem: String) -> StoreError {
    StoreError(
      .notAStore, file: path, "\(problem); make one with utk-prep build SOURCE --output \(path)")
  }

  static func changed(_ path: String) -> StoreError {
    StoreError(
      .changed, file: path,
      "was replaced again and again while it was read; wait until the build is done")
  }

  /// Runs `body` on the folder at a path, again where it failed because another took its place.
  static func opening<Result>(
    _ path: String, _ body: (StoreFolder) throws -> Result
  ) throws -> Result {
    for _ in 0..<attempts {
      let folder = try StoreFolder(path)
      do {
        return try body(folder)
      } catch {
        if folder.hasItsName { throw error }
      }
    }
    throw changed(path)
  }

  /// Whether the path still leads here.
  var hasItsName: Bool {
    var mine = stat()
    var named = stat()
    return fstat(descriptor, &mine) == 0 && stat(path, &named) == 0
      && mine.st_ino == named.st_ino && mine.st_dev == named.st_dev
  }

  /// Maps a file of the store.
  ///
  /// - Parameter file: its path below the folder.
  func map(_ file: String, limit: Int = .max) throws(StoreError) -> MappedFile {
    try mappedFile(file, in: descriptor, limit: limit)
  }

  /// - Throws: `StoreError` where a listed file is missing or has another size.
  func checkSize(of entry: FileEntry) throws {
    var status = stat()
    guard fstatat(descriptor, entry.path, &status, 0) == 0 else {
      guard errno == ENOENT || errno == ENOTDIR else {
        throw StoreError(FileError(entry.path, cannot: "read"))
      }
      throw StoreError(
        .missingFile, file: entry.path,
        "is missing from the store at \(path), and Zarr would read zeros in its place; "
          + "build the store again")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw StoreError(.damaged, file: entry.path, "is not a regular file")
    }
    guard Int(status.st_size) == entry.byteCount else {
      throw StoreError(
        .damaged, file: entry.path,
        "has \(status.st_size) bytes, expected \(entry.byteCount); build the store again")
    }
  }

  /// Paths of all files below the folder, sorted; whatever is not a folder counts as a file.
  func files() throws(FileError) -> [String] { try regularFiles(below: ".", in: descriptor) }
}
