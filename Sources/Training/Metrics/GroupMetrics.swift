/// The figures of one group of samples, such as the women of one ethnicity.
///
/// Mean figures over a whole data set hide whom a model serves worse; by group they do not.
package struct GroupMetrics: Sendable, Equatable {
  /// Labels that define the group, by column, in the order of the grouping tasks.
  package var labels: [Int]
  package var count: Int
  /// By task: mean absolute error of a regression, share of errors of a classification.
  package var errors: [Double]

  /// Groups samples by the labels of `grouping` and gives every group's error in every task.
  ///
  /// - Parameters:
  ///   - grouping: label arrays, one value per sample each.
  ///   - errors: by task, each sample's error: |prediction − label|, or 1 for a wrong class.
  /// - Returns: the groups that have samples, in ascending order of their labels.
  package static func groups(by grouping: [[Float]], errors: [[Float]]) -> [GroupMetrics] {
    var sums: [[Int]: (count: Int, errors: [Double])] = [:]
    let zero = [Double](repeating: 0, count: errors.count)
    for sample in 0..<(grouping.first?.count ?? 0) {
      let key = grouping.map { Int($0[sample]) }
      var entry = sums[key] ?? (0, zero)
      entry.count += 1
      for task in errors.indices { entry.errors[task] += Double(errors[task][sample]) }
      sums[key] = entry
    }
    return sums.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, entry in
      GroupMetrics(
        labels: key, count: entry.count, errors: entry.errors.map { $0 / Double(entry.count) })
    }
  }
}
