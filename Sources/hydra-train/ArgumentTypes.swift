import ArgumentParser
import Experiment

extension NetworkKind: ExpressibleByArgument {}
extension StemPool: ExpressibleByArgument {}
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

/// Numbers of threads on the command line, such as `4,8,16`: each from 1 to 1024.
struct ThreadCounts: ExpressibleByArgument {
  let values: [Int]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    values = parts.compactMap { Int($0) }.filter { (1...1024).contains($0) }
    guard values.count == parts.count else { return nil }
  }
}
