/// The numbers of one parameter's update in one step.
enum ParameterUpdate {
  case sgd(SGDUpdate)
  case adamW(AdamWUpdate)
}

/// torch.optim.SGD: d = g + decay·w;  b = momentum·b + d;  w -= rate·b, or with Nesterov's method
/// w -= rate·(d + momentum·b).
struct SGDUpdate {
  let rate: Float
  let momentum: Float
  let weightDecay: Float
  let nesterov: Bool

  @inline(__always)
  func apply(_ w: inout Lanes, _ b: inout Lanes, gradient: Lanes) {
    let d = gradient.addingProduct(w, Lanes(repeating: weightDecay))
    b = d.addingProduct(b, Lanes(repeating: momentum))
    let direction = nesterov ? d.addingProduct(b, Lanes(repeating: momentum)) : b
    w = w.addingProduct(direction, Lanes(repeating: -rate))
  }

  /// Updates `range`, whose bounds are multiples of 16. `b` may be nil where momentum is 0.
  func apply(
    _ range: Range<Int>, w: UnsafeMutablePointer<Float>, b: UnsafeMutablePointer<Float>?,
    gradient: UnsafePointer<Float>
  ) {
    guard let b else {
      for i in stride(from: range.lowerBound, to: range.upperBound, by: Lanes.scalarCount) {
        var weight = load(w + i)
        var none = Lanes.zero
        apply(&weight, &none, gradient: load(gradient + i))
        store(weight, w + i)
      }
      return
    }
    for i in stride(from: range.lowerBound, to: range.upperBound, by: Lanes.scalarCount) {
      var weight = load(w + i)
      var buffer = load(b + i)
      apply(&weight, &buffer, gradient: load(gradient + i))
      store(weight, w + i)
      store(buffer, b + i)
    }
  }
}

/// torch.optim.AdamW:  w *= 1 - rate·decay;  m += (1-β₁)(g - m);  v = β₂·v + (1-β₂)g²;
/// w -= rate/(1-β₁ᵗ) · m / (√v/√(1-β₂ᵗ) + ε).
struct AdamWUpdate {
  let keep: Float
  let beta1: Float
  let beta2: Float
  let epsilon: Float
  let stepSize: Float
  let inverseRoot: Float

  init(
    rate: Float, weightDecay: Float, beta1: Float, beta2: Float, epsilon: Float, step: Int
  ) {
    keep = 1 - rate * weightDecay
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    stepSize = Float(Double(rate) / (1 - power(Double(beta1), step)))
    inverseRoot = Float(1 / (1 - power(Double(beta2), step)).squareRoot())
  }

  @inline(__always)
  func apply(_ w: inout Lanes, _ m: inout Lanes, _ v: inout Lanes, gradient: Lanes) {
    m = m.addingProduct(gradient - m, Lanes(repeating: 1 - beta1))
    v = (v * beta2).addingProduct(gradient * gradient, Lanes(repeating: 1 - beta2))
    let root = v.squareRoot()
    let denominator = Lanes(repeating: epsilon).addingProduct(
      root, Lanes(repeating: inverseRoot))
    w = (w * keep).addingProduct(m / denominator, Lanes(repeating: -stepSize))
  }

  /// Updates `range`, whose bounds are multiples of 16.
  func apply(
    _ range: Range<Int>, w: UnsafeMutablePointer<Float>, m: UnsafeMutablePointer<Float>,
    v: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>
  ) {
    for i in stride(from: range.lowerBound, to: range.upperBound, by: Lanes.scalarCount) {
      var weight = load(w + i)
      var first = load(m + i)
      var second = load(v + i)
      apply(&weight, &first, &second, gradient: load(gradient + i))
      store(weight, w + i)
      store(first, m + i)
      store(second, v + i)
    }
  }
}

/// base^exponent by squaring: the same on every machine, unlike a library's pow.
private func power(_ base: Double, _ exponent: Int) -> Double {
  var result = 1.0
  var factor = base
  var rest = exponent
  while rest > 0 {
    if rest & 1 == 1 { result *= factor }
    factor *= factor
    rest >>= 1
  }
  return result
}
