import ArgumentParser
import Experiment

extension NetworkKind: ExpressibleByArgument {}
extension TrainingPrecision: ExpressibleByArgument {}

/// `NAME=NUMBER` on the command line, such as `age=0.1`.
struct NamedNumber: ExpressibleByArgument {
  let name: String
  let value: Double

  init?(argument: String) {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, let value = Double(parts[1]), value.isFinite else {
      return nil
    }
    name = String(parts[0])
    self.value = value
  }
}
