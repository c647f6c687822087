/// Parts that are not finished, so that nothing can be merged yet.
package struct MissingParts: Error, CustomStringConvertible, Equatable {
  /// In ascending order.
  package let numbers: [Int]
  package let count: Int
  let folder: String

  /// As Slurm's `--array` takes them, such as `0,3-5`.
  package var expression: String {
    var runs: [ClosedRange<Int>] = []
    for number in numbers {
      if let last = runs.last, last.upperBound + 1 == number {
        runs[runs.count - 1] = last.lowerBound...number
      } else {
        runs.append(number...number)
      }
    }
    return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ",")
  }

  package var description: String {
    "\(folder) has \(count - numbers.count) of \(count) parts finished; build \(expression), as "
      + "sbatch --array=\(expression) does, and then merge"
  }
}
