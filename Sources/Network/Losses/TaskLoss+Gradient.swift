import Experiment
import Glibc

/// A task's mean loss over a batch, and its gradient with respect to the logits.
///
/// A label of NaN is not known: the sample has no part in the mean, and no gradient.
///
/// - Parameters:
///   - logits: [count][outputCount].
///   - labels: at least `count`, already checked.
///   - gradient: written, [count][outputCount].
/// - Returns: the mean, 0 where no label is known, and the weight that it has among the means of
///   other batches: the sum of the samples' weights, which is their number without class weights.
package func lossAndGradient(
  _ task: TaskSettings, logits: UnsafePointer<Float>, labels: [Float], count: Int,
  gradient: UnsafeMutablePointer<Float>
) -> (mean: Float, weight: Double) {
  if let bins = task.distributionBins {
    return distributionLoss(
      task, bins, logits: logits, labels: labels, count: count, gradient: gradient)
  }
  switch task.loss {
  case .l1:
    return meanLoss(logits, labels, count, gradient) { x, y in
      let d = x - y
      return (abs(d), d > 0 ? 1 : d < 0 ? -1 : d)
    }
  case .smoothL1:
    return meanLoss(logits, labels, count, gradient) { x, y in
      let d = x - y
      if abs(d) < 1 { return (0.5 * d * d, d) }
      return (abs(d) - 0.5, d > 0 ? 1 : d < 0 ? -1 : d)
    }
  case .mse:
    return meanLoss(logits, labels, count, gradient) { x, y in
      let d = x - y
      return (d * d, 2 * d)
    }
  case .bce:
    let positiveWeight = Float(task.positiveWeight)
    return meanLoss(logits, labels, count, gradient) { x, y in
      // -log σ(x) and -log(1 - σ(x)) without overflow.
      let tail = log1pf(expf(-abs(x)))
      let sigmoid = x >= 0 ? 1 / (1 + expf(-x)) : expf(x) / (1 + expf(x))
      if y == 1 {
        return (positiveWeight * (tail + max(-x, 0)), positiveWeight * (sigmoid - 1))
      }
      return (tail + max(x, 0), sigmoid)
    }
  case .ce, .dldl:
    var classWeights: [Float]?
    if case .list(let weights) = task.classWeights { classWeights = weights.map { Float($0) } }
    return crossEntropy(
      logits, labels, count, classCount: task.outputCount, classWeights: classWeights,
      smoothing: Float(task.labelSmoothing), gradient)
  }
}

/// The mean of a loss of one logit.
///
/// - Parameter body: (logit, label) to (loss, slope).
private func meanLoss(
  _ logits: UnsafePointer<Float>, _ labels: [Float], _ count: Int,
  _ gradient: UnsafeMutablePointer<Float>, _ body: (Float, Float) -> (Float, Float)
) -> (mean: Float, weight: Double) {
  let known = labels.prefix(count).count { !$0.isNaN }
  var sum = 0.0
  for i in 0..<count {
    guard !labels[i].isNaN else {
      gradient[i] = 0
      continue
    }
    let (loss, slope) = body(logits[i], labels[i])
    sum += Double(loss)
    gradient[i] = slope / Float(known)
  }
  return (known > 0 ? Float(sum / Double(known)) : 0, Double(known))
}

/// Cross-entropy of the softmax, as PyTorch's with `weight` w and `label_smoothing` ε:
///
///     ((1-ε) Σₙ w[yₙ]·(-log p[yₙ]) + ε/K Σₙ Σₖ w[k]·(-log p[k])) / Σₙ w[yₙ]
///
/// Where all samples are of classes with weight 0, loss and gradient are 0.
private func crossEntropy(
  _ logits: UnsafePointer<Float>, _ labels: [Float], _ count: Int, classCount: Int,
  classWeights: [Float]?, smoothing: Float, _ gradient: UnsafeMutablePointer<Float>
) -> (mean: Float, weight: Double) {
  let weights = classWeights ?? [Float](repeating: 1, count: classCount)
  let weightSum = weights.reduce(0, +)
  let total = (0..<count).reduce(Float(0)) {
    labels[$1].isNaN ? $0 : $0 + weights[Int(labels[$1])]
  }
  guard total > 0 else {
    for i in 0..<count * classCount { gradient[i] = 0 }
    return (0, 0)
  }
  let share = smoothing / Float(classCount)
  var sum = 0.0
  for n in 0..<count {
    let x = logits + n * classCount
    let g = gradient + n * classCount
    guard !labels[n].isNaN else {
      for k in 0..<classCount { g[k] = 0 }
      continue
    }
    let label = Int(labels[n])
    var peak = x[0]
    for k in 1..<classCount { peak = max(peak, x[k]) }
    var exponentials: Float = 0
    for k in 0..<classCount {
      g[k] = expf(x[k] - peak)
      exponentials += g[k]
    }
    let logSum = peak + logf(exponentials)
    let own = (1 - smoothing) * weights[label]
    var loss = own * (logSum - x[label])
    // d(-log p[j])/dx[k] = p[k] - [j = k], summed over both parts.
    let factor = own + share * weightSum
    for k in 0..<classCount {
      loss += share * weights[k] * (logSum - x[k])
      let target = share * weights[k] + (k == label ? own : 0)
      g[k] = (factor * g[k] / exponentials - target) / total
    }
    sum += Double(loss)
  }
  return (Float(sum / Double(total)), Double(total))
}

extension TaskSettings {
  /// What a sample counts for in the mean loss: its class's weight, or 1; 0 where its label is not
  /// known.
  package func sampleWeight(of label: Float) -> Float {
    guard !label.isNaN else { return 0 }
    guard case .list(let weights) = classWeights else { return 1 }
    return Float(weights[Int(label)])
  }
}
