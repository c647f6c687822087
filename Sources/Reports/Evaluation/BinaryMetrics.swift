import Experiment

/// How well one logit tells label 1 from label 0.
package struct BinaryMetrics: Sendable, Equatable {
  package let count: Int
  /// Samples by label and prediction: `confusion[label][prediction]`. A logit above 0 predicts 1.
  package let confusion: [[Int]]
  package let accuracy: Double
  /// Mean of the two classes' recalls; the one recall where a class has no samples.
  package let balancedAccuracy: Double
  /// Harmonic mean of precision and recall of label 1; 0 where neither is defined.
  package let f1: Double
  /// Area under the ROC curve: the chance that a random 1 has a higher logit than a random 0, ties
  /// counting half (Mann and Whitney's U). nil where a class has no samples.
  package let auc: Double?

  package init(logits: [Float], labels: [Float]) {
    precondition(logits.count == labels.count, "a logit for every label")
    count = logits.count
    var table = [[0, 0], [0, 0]]
    for (sample, label) in labels.enumerated() {
      table[label > 0.5 ? 1 : 0][HeadAnswer(.binary, logits[sample...sample]).chosenClass] += 1
    }
    confusion = table
    accuracy = Double(table[0][0] + table[1][1]) / Double(max(1, count))
    balancedAccuracy = meanRecall(table)
    let doubled = 2 * table[1][1]
    let wrong = table[0][1] + table[1][0]
    f1 = doubled == 0 ? 0 : Double(doubled) / Double(doubled + wrong)
    auc = Self.areaUnderCurve(logits: logits, labels: labels)
  }

  /// Share of the samples that are given class 1; nil without samples.
  var selectionRate: Double? { Self.share(confusion[0][1] + confusion[1][1], of: count) }
  /// Share of the samples of label 1 that are given class 1; nil where there are none.
  var truePositiveRate: Double? { Self.share(confusion[1][1], of: confusion[1].reduce(0, +)) }
  /// Share of the samples of label 0 that are given class 1; nil where there are none.
  var falsePositiveRate: Double? { Self.share(confusion[0][1], of: confusion[0].reduce(0, +)) }

  private static func share(_ part: Int, of whole: Int) -> Double? {
    whole == 0 ? nil : Double(part) / Double(whole)
  }

  private static func areaUnderCurve(logits: [Float], labels: [Float]) -> Double? {
    let order = logits.indices.sorted { logits[$0] < logits[$1] }
    var positives = 0
    // Twice the sum of the positives' ranks, so that the mean rank of a tie stays a whole number.
    var doubledRanks = 0
    var start = 0
    while start < order.count {
      var end = start
      var positivesHere = 0
      while end < order.count, logits[order[end]] == logits[order[start]] {
        if labels[order[end]] > 0.5 { positivesHere += 1 }
        end += 1
      }
      // A logit that equals nothing, not even itself, has no rank.
      guard end > start else { return nil }
      doubledRanks += positivesHere * (start + 1 + end)
      positives += positivesHere
      start = end
    }
    let negatives = order.count - positives
    guard positives > 0, negatives > 0 else { return nil }
    let doubledU = doubledRanks - positives * (positives + 1)
    return Double(doubledU) / 2 / Double(positives) / Double(negatives)
  }
}

/// Mean over the classes that have samples of the share that was predicted right.
func meanRecall(_ confusion: [[Int]]) -> Double {
  let recalls = confusion.indices.compactMap { label -> Double? in
    let total = confusion[label].reduce(0, +)
    return total == 0 ? nil : Double(confusion[label][label]) / Double(total)
  }
  return recalls.isEmpty ? 0 : recalls.reduce(0, +) / Double(recalls.count)
}
