extension HydraNet {
  /// Attention over all stages of a trunk that has run, to the features that the heads read.
  func attentionForward(_ attention: AttentionNetwork, training: Bool, _ plan: BatchPlan) {
    let weights = parameters.pointer
    if !training {
      for stage in attention.stages {
        for module in stage.modules {
          module.norm1.useRunningStatistics(parameters: weights)
          module.norm2.useRunningStatistics(parameters: weights)
        }
        for norm in stage.encoder?.norms ?? [] { norm.useRunningStatistics(parameters: weights) }
      }
    }
    var encoder: AttentionEncoder?
    for stage in attention.stages {
      maskForward(stage, after: encoder, training: training, plan)
      encoder = stage.encoder
      if let encoder { encoderForward(encoder, stage.modules, training: training, plan) }
    }
    let last = attention.stages[attention.stages.count - 1]
    runner.run(
      zip(last.modules, attention.features).map { module, features in
        AverageForward(input: module.attended, output: features, plan: plan)
      })
  }

  /// The masks of a stage, all tasks side by side.
  private func maskForward(
    _ stage: AttentionStage, after encoder: AttentionEncoder?, training: Bool, _ plan: BatchPlan
  ) {
    let weights = parameters.pointer
    let bottom = trunk.blocks[stage.bottom].output
    let top = trunk.blocks[stage.top].output
    runner.run(
      stage.modules.enumerated().map { task, module in
        ConvolutionForward(
          convolution: module.convolution1, input: bottom, joined: encoder?.pooled[task],
          output: training ? module.x1 : module.y1, parameters: weights, plan: plan,
          finish: training ? .moments(module.norm1) : .affineRelu(module.norm1))
      })
    if training {
      for (task, module) in stage.modules.enumerated() {
        settle(module.norm1, of: module.convolution1, isFrozen: isFrozen(task: task), plan)
      }
      runner.run(
        stage.modules.map { module in
          NormalizeForward(
            input: NormInput(norm: module.norm1, map: module.x1), shortcut: .none,
            output: module.y1, plan: plan)
        })
    }
    runner.run(
      stage.modules.map { module in
        ConvolutionForward(
          convolution: module.convolution2, input: module.y1,
          output: training ? module.x2 : module.attended, parameters: weights, plan: plan,
          finish: training ? .moments(module.norm2) : .affineGate(module.norm2, top: top))
      })
    guard training else { return }
    for (task, module) in stage.modules.enumerated() {
      settle(module.norm2, of: module.convolution2, isFrozen: isFrozen(task: task), plan)
    }
    runner.run(stage.modules.map { GateForward(module: $0, top: top, plan: plan) })
  }

  /// The shared encoder after a stage, for every task in turn.
  private func encoderForward(
    _ encoder: AttentionEncoder, _ modules: [AttentionModule], training: Bool, _ plan: BatchPlan
  ) {
    convolve(
      modules.enumerated().map { task, module in
        ConvolutionForward(
          convolution: encoder.convolution, input: module.attended,
          output: encoder.outputs[task], parameters: parameters.pointer, plan: plan,
          finish: training ? .moments(encoder.norms[task]) : .none)
      })
    if training {
      // In the tasks' order: each moves the running statistics that all share.
      for norm in encoder.norms {
        settle(norm, of: encoder.convolution, isFrozen: areEncodersFrozen, plan)
      }
    }
    runner.run(
      modules.indices.map { task in
        PoolForward(
          taps: encoder.poolTaps,
          input: NormInput(norm: encoder.norms[task], map: encoder.outputs[task]),
          output: encoder.pooled[task], winner: encoder.winners[task], plan: plan)
      })
  }

  private func settle(
    _ norm: BatchNorm, of convolution: Convolution, isFrozen: Bool, _ plan: BatchPlan
  ) {
    if isFrozen {
      norm.useRunningStatistics(parameters: parameters.pointer)
    } else {
      norm.useBatchStatistics(
        on: runner, parameters: parameters.pointer,
        plan.partials(of: convolution, positionCount: norm.positionCount))
    }
  }
}
