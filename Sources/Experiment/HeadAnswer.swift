import Glibc

/// What a head's outputs for one sample mean. Metrics, `predict` and the report page all ask here.
///
/// ```swift
/// let answer = HeadAnswer(.binary, [0.4])
/// answer.chosenClass            // 1
/// answer.probabilities          // [0.401, 0.599]
/// ```
package struct HeadAnswer {
  package let kind: TaskSettings.Kind
  /// One number for a regression and a binary task, a logit a class for a categorical one.
  package let outputs: ArraySlice<Float>

  package init(_ kind: TaskSettings.Kind, _ outputs: ArraySlice<Float>) {
    self.kind = kind
    self.outputs = outputs
  }

  /// A regression's value, in the unit of its labels; NaN where there is no output.
  package var value: Double { outputs.first.map { Double($0) } ?? .nan }

  /// The class: 1 for a binary logit above 0, else the position of the largest logit, the first one
  /// of equals, as in PyTorch.
  package var chosenClass: Int {
    if kind == .binary { return value > 0 ? 1 : 0 }
    var best = outputs.startIndex
    for index in outputs.indices where outputs[index] > outputs[best] { best = index }
    return best - outputs.startIndex
  }

  /// The probability of each class: sigmoid of a binary logit, softmax of several.
  package var probabilities: [Double] {
    guard kind == .binary else { return softmax(outputs.map { Double($0) }) }
    let positive = 1 / (1 + exp(-value))
    return [1 - positive, positive]
  }

  /// The plain loss of the head's kind: |value − label|, or −log of the label's probability; 0 for a
  /// label that is not known.
  package func loss(label: Float) -> Double {
    if label.isNaN { return 0 }
    if kind == .regression { return abs(value - Double(label)) }
    return -log(max(probabilities[Int(label.rounded())], 1e-30))
  }
}

/// exp(vᵢ) / Σ exp(vⱼ), without overflow.
package func softmax(_ values: [Double]) -> [Double] {
  let top = values.max() ?? 0
  let powers = values.map { exp($0 - top) }
  let sum = powers.reduce(0, +)
  return powers.map { $0 / sum }
}
