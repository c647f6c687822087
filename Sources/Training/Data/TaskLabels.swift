import Experiment

/// The labels of one task, made from the values of its column: the number itself, or the group that
/// `bins` put it in. NaN stands for a label that is missing.
package struct TaskLabels: Sendable {
  package let task: TaskSettings
  private let bins: [Float]

  package init(_ task: TaskSettings) {
    self.task = task
    bins = task.bins.map { Float($0) }
  }

  package func value(of value: Float) -> Float {
    bins.isEmpty || value.isNaN ? value : Float(bins.count { $0 <= value })
  }

  package func values(of column: some Sequence<Float>) -> [Float] {
    bins.isEmpty ? Array(column) : column.map { value(of: $0) }
  }

  /// How many labels the task has room for, or nil for a regression.
  package var classCount: Int? {
    switch task.kind {
    case .regression: nil
    case .binary: 2
    case .categorical: task.classes
    }
  }

  /// Samples by class, without those whose label is missing; empty for a regression.
  ///
  /// - Throws: `TrainingError` for a label that is not one of the task's classes, or not finite.
  package func counts(in column: [Float], split: String) throws -> [Int] {
    var counts = [Int](repeating: 0, count: classCount ?? 0)
    for (sample, value) in column.enumerated() where !value.isNaN {
      guard let classCount else {
        guard value.isFinite else {
          throw TrainingError(
            "sample \(sample) of \(split) has an infinite label in column \(task.column); build a "
              + "store without such labels")
        }
        continue
      }
      guard let label = Int(exactly: self.value(of: value)), (0..<classCount).contains(label) else {
        throw TrainingError(
          "sample \(sample) of \(split) has the label \(plain(value)) in column \(task.column), "
            + "but task \(task.name) has \(classCount) classes; give the task more classes or "
            + "bins, or build a store without such labels")
      }
      counts[label] += 1
    }
    return counts
  }

  /// A number without the fraction that it does not have.
  private func plain(_ value: Float) -> String { Int(exactly: value).map { "\($0)" } ?? "\(value)" }
}

/// Weights that make every class count the same: samples / (classes · samples of the class), the
/// usual "balanced" rule (King and Zeng 2001). A class without samples gets 0: nothing would meet
/// its weight.
package func balancedWeights(_ counts: [Int]) -> [Double] {
  let total = Double(counts.reduce(0, +))
  guard total > 0 else { return counts.map { _ in 1 } }
  let present = Double(counts.count { $0 > 0 })
  return counts.map { $0 == 0 ? 0 : total / (present * Double($0)) }
}
