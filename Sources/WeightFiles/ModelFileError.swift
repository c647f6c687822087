import Terminal

/// Why a model file could not be read or written: one line that names the file, the place in it,
/// what was expected and what was found.
package struct ModelFileError: Error, Equatable, CustomStringConvertible {
  package let path: String
  package let message: String

  package init(path: String, message: String) {
    self.path = path
    self.message = message
  }

  package var description: String { "\(visible(path, limit: 400)): \(message)" }
}

/// A name from a file, as every file of this target writes it into a message.
func quoted(_ text: String, limit: Int = 80) -> String { Terminal.quoted(text, limit: limit) }
