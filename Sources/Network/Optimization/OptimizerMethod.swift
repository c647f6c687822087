/// An optimizer and its constants, with PyTorch's meanings.
package enum OptimizerMethod: Hashable, Sendable {
  /// torch.optim.SGD with dampening 0: weight decay is an L2 penalty, added to the gradient.
  case sgd(momentum: Float = 0, nesterov: Bool = false)
  /// torch.optim.AdamW: decay of the weights apart from the gradient (Loshchilov, Hutter 2019).
  case adamW(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8)

  /// What the method keeps for every parameter.
  var stateNames: [String] {
    switch self {
    case .sgd(let momentum, _): momentum == 0 ? [] : ["momentum"]
    case .adamW: ["moment1", "moment2"]
    }
  }

  /// SGD's momentum or AdamW's β₁.
  var momentum: Float {
    switch self {
    case .sgd(let momentum, _): momentum
    case .adamW(let beta1, _, _): beta1
    }
  }

  /// What is wrong with the constants, or nil.
  var problem: String? {
    let unit: Range<Float> = 0..<1
    switch self {
    case .sgd(let momentum, let nesterov):
      if !unit.contains(momentum) { return "momentum is from 0 to below 1, not \(momentum)" }
      return nesterov && momentum == 0 ? "Nesterov's method needs a momentum above 0" : nil
    case .adamW(let beta1, let beta2, let epsilon):
      if !unit.contains(beta1) || !unit.contains(beta2) {
        return "betas are from 0 to below 1, not \(beta1) and \(beta2)"
      }
      return epsilon > 0 && epsilon.isFinite ? nil : "epsilon is above 0, not \(epsilon)"
    }
  }
}

/// Settings of the parameters whose names begin with `prefix`; the longest matching prefix counts.
package struct ParameterGroup: Hashable, Sendable {
  /// As `net.fc1.`; empty for all.
  package let prefix: String
  /// Factor of the step's learning rate.
  package let learningRateScale: Float
  package let weightDecay: Float

  package init(prefix: String = "", learningRateScale: Float = 1, weightDecay: Float = 0) {
    self.prefix = prefix
    self.learningRateScale = learningRateScale
    self.weightDecay = weightDecay
  }
}
