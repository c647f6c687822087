import Glibc

/// Why a file or folder could not be made, read or written: one sentence that names it and says
/// what to do where that is known.
@usableFromInline
package struct FileError: Error, CustomStringConvertible, Equatable, Sendable {
  package let path: String
  package let message: String
  /// The `errno` value of the system; 0 where it was not the system that refused.
  package let code: Int32

  package init(_ path: String, _ message: String, code: Int32 = 0) {
    self.path = path
    self.message = message
    self.code = code
  }

  /// - Parameter verb: what could not be done, as in "open" or "create the folder".
  package init(_ path: String, cannot verb: String, code: Int32 = errno) {
    self.init(path, systemMessage(verb, code), code: code)
  }

  @usableFromInline
  package var description: String { "\(path): \(message)" }
}

/// The system's words for an error number, as in "No such file or directory".
package func systemWords(_ code: Int32) -> String { String(cString: strerror(code)) }

/// What the system refused, why, and what to do about it where that is known.
private func systemMessage(_ verb: String, _ code: Int32) -> String {
  let reading = ["open", "read", "map", "examine", "list the folder"].contains(verb)
  let advice =
    switch code {
    case ENOSPC, EDQUOT, EFBIG: "; make room and run the same command again"
    case EACCES where reading: "; make it readable to this user"
    case EACCES, EPERM, EROFS: "; choose a place that you may write to"
    default: ""
    }
  return "cannot \(verb): \(systemWords(code))\(advice)"
}
