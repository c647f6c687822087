/// Why a build stopped: one sentence that says what to do.
package struct BuildError: Error, CustomStringConvertible, Sendable {
  package enum Kind: Sendable {
    /// The input or the options do not make a store.
    case input
    /// The output's place is taken.
    case output
    /// The machine failed: a disk, a network drive, memory.
    case machine
    /// More files were rejected than allowed.
    case tooManyRejects
    /// Ctrl-C.
    case interrupted
  }

  package let kind: Kind
  package let description: String

  init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
