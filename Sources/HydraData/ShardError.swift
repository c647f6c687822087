import Files
import Loader
import Store

/// Why a store or its batches cannot be had: one sentence that says what is wrong, where, and what
/// to do.
public struct ShardError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What to do about it, for programs.
  public enum Kind: Sendable {
    /// A name, number or option is not possible: call it with another.
    case invalidArgument
    /// There is no store at the path, or the system refuses to read it.
    case unreadable
    /// The bytes on disk are not those that were written: build the store again.
    case damaged
  }

  public let kind: Kind
  public let description: String

  init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  init(_ error: any Error) {
    self.init(Self.kind(of: error), "\(error)")
  }

  private static func kind(of error: any Error) -> Kind {
    switch error {
    case let error as StoreError:
      switch error.kind {
      case .notFound: .invalidArgument
      case .missingFile, .damaged: .damaged
      case .notAStore, .otherVersion, .changed, .system: .unreadable
      }
    case let error as LoaderError: kind(of: error.underlying)
    case let error as FileError: error.code == 0 ? .damaged : .unreadable
    case is LoaderOptionError: .invalidArgument
    default: .unreadable
    }
  }

  /// Runs `body`; what it throws becomes one of these.
  static func converting<Result>(_ body: () throws -> Result) throws(ShardError) -> Result {
    do { return try body() } catch { throw ShardError(error) }
  }
}
