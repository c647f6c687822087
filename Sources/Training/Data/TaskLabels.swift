import Experiment

/// The labels of one task, looked up from the bytes of its column.
///
/// A column holds one byte a sample, so a table of 256 entries says for every byte what the loss
/// wants: the number itself, or the group that `bins` put it in.
package struct TaskLabels: Sendable {
  package let task: TaskSettings
  private let table: [Float]

  package init(_ task: TaskSettings) {
    self.task = task
    table = (0...255).map { value in
      Float(task.bins.isEmpty ? value : task.bins.count { $0 <= value })
    }
  }

  package func value(of byte: UInt8) -> Float { table[Int(byte)] }

  package func values(of column: UnsafeBufferPointer<UInt8>) -> [Float] {
    column.map { table[Int($0)] }
  }

  /// How many labels the task has room for, or nil for a regression.
  package var classCount: Int? {
    switch task.kind {
    case .regression: nil
    case .binary: 2
    case .categorical: task.classes
    }
  }

  /// Samples by class.
  ///
  /// - Throws: `TrainingError` for a label that is none of the task's classes.
  package func counts(in column: [UInt8], split: String) throws -> [Int] {
    guard let classCount else { return [] }
    var counts = [Int](repeating: 0, count: classCount)
    for (sample, byte) in column.enumerated() {
      let label = Int(table[Int(byte)])
      guard label < classCount else {
        throw TrainingError(
          "sample \(sample) of \(split) has the label \(byte) in column \(task.column), but task "
            + "\(task.name) has \(classCount) classes; give the task more classes or bins, or "
            + "build a store without such labels")
      }
      counts[label] += 1
    }
    return counts
  }
}

/// Weights that make every class count the same: samples / (classes · samples of the class), the
/// usual "balanced" rule (King and Zeng 2001). A class without samples gets 0: nothing would meet
/// its weight.
package func balancedWeights(_ counts: [Int]) -> [Double] {
  let total = Double(counts.reduce(0, +))
  let present = Double(counts.count { $0 > 0 })
  return counts.map { $0 == 0 ? 0 : total / (present * Double($0)) }
}
