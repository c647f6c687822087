import Experiment
import Glibc

/// The loss of a head that gives a distribution p of a number y, a softmax over bins of value vₖ:
///
///     divergence(t, p) + λ · |Σₖ pₖ vₖ − y|
///
/// With `ce`, t is y itself, or its two neighbors where it lies between bins, and the divergence is
/// the cross-entropy. With `dldl`, tₖ ∝ exp(−(vₖ − y)² / 2σ²), and the divergence is that of Kullback
/// and Leibler: cross-entropy less t's own entropy, so that a perfect head has a loss of 0. λ is the
/// task's `expectationWeight` (Gao et al., IJCAI 2018, section 3). A label beyond the bins counts as
/// the nearest of them.
///
/// Parameters and result are those of `lossAndGradient`.
func distributionLoss(
  _ task: TaskSettings, _ bins: DistributionBins, logits: UnsafePointer<Float>, labels: [Float],
  count: Int, gradient: UnsafeMutablePointer<Float>
) -> (mean: Float, weight: Double) {
  let known = labels.prefix(count).count { !$0.isNaN }
  let values = (0..<bins.count).map { Float(bins.value($0)) }
  let factor = Float(task.expectationWeight)
  var sum = 0.0
  for n in 0..<count {
    let x = logits + n * bins.count
    let g = gradient + n * bins.count
    guard !labels[n].isNaN else {
      g.update(repeating: 0, count: bins.count)
      continue
    }
    let label = min(max(labels[n], values[0]), values[bins.count - 1])
    let target = bins.target(label, sigma: task.loss == .dldl ? task.sigma : nil)
    var peak = x[0]
    for k in 1..<bins.count { peak = max(peak, x[k]) }
    var exponentials: Float = 0
    for k in 0..<bins.count {
      g[k] = expf(x[k] - peak)
      exponentials += g[k]
    }
    let logSum = peak + logf(exponentials)
    var loss: Float = 0
    var expectation: Float = 0
    for k in 0..<bins.count {
      g[k] /= exponentials
      expectation += g[k] * values[k]
      guard target[k] > 0 else { continue }
      loss += target[k] * (logSum - x[k] + (task.loss == .dldl ? logf(target[k]) : 0))
    }
    let error = expectation - label
    let slope = error > 0 ? factor : error < 0 ? -factor : 0
    for k in 0..<bins.count {
      // d Σ pⱼ vⱼ / dx[k] = p[k] · (v[k] − Σ pⱼ vⱼ).
      g[k] = (g[k] - target[k] + slope * g[k] * (values[k] - expectation)) / Float(known)
    }
    sum += Double(loss + factor * abs(error))
  }
  return (known > 0 ? Float(sum / Double(known)) : 0, Double(known))
}

extension DistributionBins {
  /// The distribution that a label within the bins stands for; it sums to 1.
  ///
  /// - Parameter sigma: of a Gaussian around the label; nil for the label alone.
  fileprivate func target(_ label: Float, sigma: Double?) -> [Float] {
    let place = min(max((Double(label) - first) / width, 0), Double(count - 1))
    var target = [Float](repeating: 0, count: count)
    guard let sigma else {
      let below = min(Int(place), count - 2)
      target[below] = Float(1 - (place - Double(below)))
      target[below + 1] = Float(place - Double(below))
      return target
    }
    // Relative to the nearest bin, or a σ far below the bins' width would leave no share anywhere.
    let scale = width / sigma
    let nearest = (place - place.rounded()) * scale
    for k in 0..<count {
      let distance = (Double(k) - place) * scale
      target[k] = expf(Float((nearest * nearest - distance * distance) / 2))
    }
    let sum = target.reduce(0, +)
    for k in 0..<count { target[k] /= sum }
    return target
  }
}
