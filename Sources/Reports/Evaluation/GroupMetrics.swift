/// The figures of one group of samples, such as the women of one ethnicity.
///
/// Mean figures over a whole data set hide which people a model serves worse; figures by group show it.
package struct GroupMetrics: Sendable, Equatable {
  /// Labels that define the group, by column, in the order of the grouping tasks.
  package var labels: [Int]
  package var count: Int
  /// By task: mean absolute error of a regression, share of errors of a classification; NaN where
  /// no sample of the group has the task's label.
  package var errors: [Double]

  /// Groups samples by the labels of `grouping` and gives every group's error in every task.
  ///
  /// - Parameters:
  ///   - grouping: label arrays, one value per sample each; a sample with NaN is in no group.
  ///   - errors: by task, each sample's error: |prediction − label|, or 1 for a wrong class; NaN
  ///     where the sample lacks the task's label.
  /// - Returns: the groups that have samples, in ascending order of their labels.
  package static func groups(by grouping: [[Float]], errors: [[Float]]) -> [GroupMetrics] {
    var sums: [[Int]: (count: Int, errors: [Double], known: [Int])] = [:]
    let zero = [Double](repeating: 0, count: errors.count)
    for sample in 0..<(grouping.first?.count ?? 0) {
      guard !grouping.contains(where: { $0[sample].isNaN }) else { continue }
      let key = grouping.map { Int($0[sample]) }
      var entry = sums[key] ?? (0, zero, zero.map { _ in 0 })
      entry.count += 1
      for task in errors.indices where !errors[task][sample].isNaN {
        entry.errors[task] += Double(errors[task][sample])
        entry.known[task] += 1
      }
      sums[key] = entry
    }
    return sums.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, entry in
      GroupMetrics(
        labels: key, count: entry.count,
        errors: zip(entry.errors, entry.known).map { $0 / Double($1) })
    }
  }
}
