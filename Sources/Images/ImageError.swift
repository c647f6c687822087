/// Why the bytes of one image could not be decoded.
///
/// ```swift
/// do {
///   let view = try decoder.decode(bytes, name: path)
/// } catch {
///   reject(path, reason: error.reason.rawValue, detail: error.description)
/// }
/// ```
package struct ImageError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kinds of failure that a caller counts; the raw values are stable.
  package enum Reason: String, CaseIterable, Sendable {
    /// The bytes are neither JPEG nor PNG.
    case notAnImage
    /// The bytes end before the image does.
    case truncated
    /// The bytes contradict their format, or use a feature of it that nothing here decodes.
    case corrupt
    /// The header announces more pixels than the limit; nothing was allocated.
    case tooLarge
  }

  package let reason: Reason
  /// What the caller called the image, usually its path.
  package let name: String
  /// What was found and expected, without the name.
  package let detail: String

  package init(_ reason: Reason, name: String, detail: String) {
    self.reason = reason
    self.name = name
    self.detail = detail
  }

  /// One line: the name, what is wrong, and what to do.
  package var description: String {
    switch reason {
    case .notAnImage: "\(name) is not an image: \(detail); expected a JPEG or PNG file"
    case .truncated: "\(name) is truncated: \(detail); fetch the file again"
    case .corrupt: "\(name) cannot be decoded: \(detail); replace or remove the file"
    case .tooLarge: "\(name) is too large: \(detail); shrink it or raise the limit"
    }
  }
}
