/// Why a run could not start or go on, in one sentence that says what to do.
public struct TrainingError: Error, CustomStringConvertible, Equatable, Sendable {
  public let description: String

  public init(_ description: String) { self.description = description }
}
