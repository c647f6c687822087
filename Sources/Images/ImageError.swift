/// Why one image file could not be read.
///
/// ```swift
/// do {
///   let view = try decoder.decode(bytes, name: path)
/// } catch {
///   reject(path, reason: error.reason, message: error.message)
/// }
/// ```
package struct ImageError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kinds of failure that a caller counts.
  package enum Reason: CaseIterable, Sendable {
    /// The bytes do not begin like an image.
    case notAnImage
    /// The bytes are of a known format that nothing here decodes.
    case unsupported
    /// The bytes end before the image does.
    case truncated
    /// The bytes contradict their format, or use a feature of it that nothing here decodes.
    case corrupt
    /// The header announces more pixels than the limit, or the file has more bytes; nothing was
    /// allocated.
    case tooLarge
    /// The system did not let the file be opened or read.
    case unreadable
  }

  package let reason: Reason
  /// What the caller called the image, usually its path.
  package let name: String
  /// What was found and expected.
  package let detail: String
  /// The `errno` value where the system refused; 0 where the file itself is at fault.
  package let code: Int32

  package init(_ reason: Reason, name: String, detail: String, code: Int32 = 0) {
    self.reason = reason
    self.name = name
    self.detail = detail
    self.code = code
  }

  /// What is wrong and what to do, to be put behind the image's name.
  package var message: String {
    switch reason {
    case .notAnImage: "is not an image: \(detail); expected a JPEG or PNG file"
    case .unsupported: "is \(detail): only JPEG and PNG are read; convert it"
    case .truncated: "is truncated: \(detail); fetch the file again"
    case .corrupt: "cannot be decoded: \(detail); replace or remove the file"
    case .tooLarge: "is too large: \(detail); shrink it"
    case .unreadable: "cannot be read: \(detail)"
    }
  }

  /// One line: the name, what is wrong, and what to do.
  package var description: String { "\(name) \(message)" }
}
