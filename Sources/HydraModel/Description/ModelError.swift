/// A model was asked for what it cannot do: one sentence that says what, expected and got.
public struct ModelError: Error, Equatable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
