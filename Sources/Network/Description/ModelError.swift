/// A model was asked for what it cannot do: one sentence that says what, expected and got.
package struct ModelError: Error, Equatable, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}
