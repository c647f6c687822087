/// Why a build stopped: one sentence that says what to do.
public struct BuildError: Error, CustomStringConvertible, Sendable {
  public enum Kind: Sendable {
    /// The input or the options do not make a store.
    case input
    /// The output's place is taken.
    case output
    /// More files were rejected than allowed.
    case tooManyRejects
    /// Ctrl-C.
    case interrupted
  }

  public let kind: Kind
  public let description: String

  init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
