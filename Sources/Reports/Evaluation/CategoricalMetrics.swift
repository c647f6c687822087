import Experiment

/// How well the largest of several logits names the class.
package struct CategoricalMetrics: Sendable, Equatable {
  package let count: Int
  /// Samples by label and prediction: `confusion[label][prediction]`.
  package let confusion: [[Int]]
  package let accuracy: Double
  /// Mean recall over the classes that have samples.
  package let balancedAccuracy: Double
  /// Mean of the F1 scores of the classes that have samples or are predicted, as scikit-learn's.
  package let macroF1: Double

  /// - Parameters:
  ///   - logits: [samples][classes], row after row. The first of equal logits wins, as in PyTorch.
  ///   - labels: class of each sample, 0 ..< classes.
  package init(logits: [Float], labels: [Float], classes: Int) {
    precondition(logits.count == labels.count * classes, "a row of logits for every label")
    count = labels.count
    var table = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
    for (sample, label) in labels.enumerated() {
      let row = logits[sample * classes..<(sample + 1) * classes]
      table[Int(label)][HeadAnswer(.categorical, row).chosenClass] += 1
    }
    confusion = table
    let right = (0..<classes).reduce(0) { $0 + table[$1][$1] }
    accuracy = Double(right) / Double(max(1, count))
    balancedAccuracy = meanRecall(table)
    let scores = (0..<classes).compactMap { k -> Double? in
      let total = table[k].reduce(0, +) + table.reduce(0) { $0 + $1[k] }
      return total == 0 ? nil : 2 * Double(table[k][k]) / Double(total)
    }
    macroF1 = scores.reduce(0, +) / Double(max(1, scores.count))
  }
}
