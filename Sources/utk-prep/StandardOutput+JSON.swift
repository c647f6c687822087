import Store
import Terminal

extension StandardOutput {
  /// Prints a machine-readable result: one JSON object.
  func json(_ value: JSONValue) throws {
    try json(String(decoding: value.encoded(pretty: true), as: UTF8.self))
  }
}
