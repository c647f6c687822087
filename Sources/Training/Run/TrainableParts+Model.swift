import Experiment
import Network

extension TrainableParts {
  /// Freezes what is not trained.
  func apply(to model: HydraNet) {
    model.isTrunkFrozen = !trainsTrunk
    model.areEncodersFrozen = !trainsEncoders
    let tasks = model.configuration.tasks
    model.frozenHeads = Set(zip(tasks, trainsHead).filter { !$1 }.map(\.0.name))
  }

  /// The optimizer, with a group for every part that has a learning rate of its own.
  func makeOptimizer(_ settings: OptimizerSettings, model: HydraNet) throws -> Optimizer {
    let method: OptimizerMethod =
      switch settings.name {
      case .sgd:
        .sgd(momentum: Float(settings.momentum), nesterov: settings.nesterov)
      case .adamw:
        .adamW(
          beta1: Float(settings.betas[0]), beta2: Float(settings.betas[1]),
          epsilon: Float(settings.eps))
      }
    let decay = Float(settings.weightDecay)
    var groups = [
      ParameterGroup(
        prefix: "", learningRateScale: Float(trunkFactor), weightDecay: decay)
    ]
    func add(_ prefix: String, _ factor: Double) {
      groups.append(
        ParameterGroup(
          prefix: prefix, learningRateScale: Float(factor), weightDecay: decay))
    }
    let hasAttention = model.configuration.kind == .mtan
    if hasAttention { add(HydraNet.encoderPrefix, encoderFactor) }
    for (task, factor) in headFactors.enumerated() {
      add(HydraNet.headPrefix(task: task), factor)
      if hasAttention { add(HydraNet.attentionPrefix(task: task), factor) }
    }
    return try Optimizer(method, groups: groups, model: model)
  }
}
