/// An archive that cannot be read, or that no honest program made: one sentence that names it.
package struct ArchiveError: Error, CustomStringConvertible, Equatable, Sendable {
  package let path: String
  package let message: String

  package var description: String { "\(path): \(message)" }
}
