import Files
import Glibc

/// What is wrong with a store on disk, or with writing one: one sentence that says what, where,
/// what was expected, what was found, and what to do.
package struct StoreError: Error, CustomStringConvertible, Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// The path holds no store.
    case notAStore
    /// The path holds a store of another format version.
    case otherVersion
    /// A listed file is not there.
    case missingFile
    /// Bytes on disk are not what was written.
    case damaged
    /// The store was replaced while it was read.
    case changed
    /// The system refused a read, a write, a rename.
    case system(errno: Int32)
    /// A name or number asked for is not in the store.
    case notFound
  }

  package let kind: Kind
  /// The file, or the store's folder.
  package let file: String
  /// The sample within its split, where one sample is concerned.
  package let sample: Int?
  package let message: String

  package init(_ kind: Kind, file: String, sample: Int? = nil, _ message: String) {
    self.kind = kind
    self.file = file
    self.sample = sample
    self.message = message
  }

  /// A file of a store that cannot be read.
  init(_ error: FileError) {
    let kind: Kind =
      switch error.code {
      case 0: .damaged
      case ENOENT: .missingFile
      default: .system(errno: error.code)
      }
    self.init(kind, file: error.path, error.message)
  }

  package var description: String {
    let place = sample.map { "\(file), sample \($0)" } ?? file
    return "\(place): \(message)"
  }
}

/// Maps a file of a store.
///
/// - Parameters:
///   - folder: the descriptor of the folder that the path is relative to.
///   - limit: a larger file is refused before it is mapped.
func mappedFile(
  _ path: String, in folder: Int32, limit: Int = .max
) throws(StoreError) -> MappedFile {
  do throws(FileError) {
    return try MappedFile(path: path, in: folder, limit: limit)
  } catch {
    throw StoreError(error)
  }
}
