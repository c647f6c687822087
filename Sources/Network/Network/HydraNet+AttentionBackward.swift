/// Where a step's gradients go.
private struct GradientTarget {
  let out: UnsafeMutablePointer<Float>
  let accumulate: Bool
  let plan: BatchPlan
}

extension HydraNet {
  /// The attention's backward pass, from the gradients of the features to those of all that it
  /// reads of the trunk: it needs none of the trunk's own gradients, so it comes first, as a whole.
  ///
  /// It leaves the gradients of the stages' last maps in `topGradient`, and those of the modules'
  /// first convolutions in `gradient1`, for the trunk to go on with.
  ///
  /// - Returns: the gradient of the trunk's last map, masked by ReLU and with BatchNorm's sums taken.
  func attentionBackward(
    _ attention: AttentionNetwork, into out: UnsafeMutablePointer<Float>, accumulate: Bool,
    _ plan: BatchPlan
  ) -> FeatureMap {
    let target = GradientTarget(out: out, accumulate: accumulate, plan: plan)
    let tasks = Array(heads.indices)
    for index in attention.stages.indices.reversed() {
      _ = gateBackward(attention, stage: index, tasks: tasks, plan)
      moduleBackward(attention, stage: index, target)
      if index > 0 { encoderBackward(attention, stage: index - 1, target) }
    }
    return attention.stages[attention.stages.count - 1].topGradient
  }

  /// The gates of a stage, for some tasks: the gradients before their sigmoids, and the sum of those
  /// of the map that they gate.
  func gateBackward(
    _ attention: AttentionNetwork, stage index: Int, tasks: [Int], _ plan: BatchPlan
  ) -> FeatureMap {
    let stage = attention.stages[index]
    let top = trunk.blocks[stage.top]
    let isLast = index == attention.stages.count - 1
    let gates = tasks.map { task in
      let module = stage.modules[task]
      return GateBackward.Gate(
        module: module,
        gradient: isLast
          ? attention.featureGradients[task]
          : module.attended.like(attention.outerGradients[task]),
        out: module.x2.like(attention.innerGradients[task]))
    }
    runner.run(
      GateBackward(
        gates: gates, top: top.output, out: stage.topGradient,
        finish: isLast
          ? .maskAndSum(output: top.output, top.main, shortcut: top.shortcut) : .none,
        plan: plan))
    return stage.topGradient
  }

  /// From the gradients before the sigmoids to those of the modules' first convolutions, and of the
  /// pooled maps that came from the stage before.
  private func moduleBackward(
    _ attention: AttentionNetwork, stage index: Int, _ target: GradientTarget
  ) {
    let plan = target.plan
    let modules = attention.stages[index].modules
    let gradients = modules.enumerated().map { task, module in
      module.x2.like(attention.innerGradients[task])
    }
    for (task, module) in modules.enumerated() {
      finish(module.norm2, isFrozen: isFrozen(task: task), adding: false, target)
    }
    runner.run(
      zip(modules, gradients).map { module, gradient in
        NormalizeBackward(
          gradient: gradient, input: NormInput(norm: module.norm2, map: module.x2),
          out: gradient, plan: plan)
      })

    var works: [any TileWork] = []
    for (task, module) in modules.enumerated() {
      let first = NormInput(norm: module.norm1, map: module.x1)
      works.append(
        inputGradient(
          .init(convolution: module.convolution2, gradient: gradients[task]),
          module.gradient1, .maskAndSum(output: module.y1, first, shortcut: nil), plan))
      if isFrozen(task: task) { continue }
      works.append(
        weightGradient(
          module.convolution2, [.init(input: module.y1, gradient: gradients[task])], target))
    }
    runner.run(works)

    for (task, module) in modules.enumerated() {
      finish(module.norm1, isFrozen: isFrozen(task: task), adding: false, target)
    }
    runner.run(
      modules.map { module in
        NormalizeBackward(
          gradient: module.gradient1, input: NormInput(norm: module.norm1, map: module.x1),
          out: module.gradient1, plan: plan)
      })
    moduleInputBackward(attention, stage: index, target)
  }

  /// The modules' first convolutions. The part of the gradient that goes to the trunk's map is left
  /// to the trunk's backward pass.
  private func moduleInputBackward(
    _ attention: AttentionNetwork, stage index: Int, _ target: GradientTarget
  ) {
    let stage = attention.stages[index]
    let bottom = trunk.blocks[stage.bottom].output
    let encoder = index > 0 ? attention.stages[index - 1].encoder : nil
    var works: [any TileWork] = []
    for (task, module) in stage.modules.enumerated() {
      let pooled = encoder?.pooled[task]
      if let pooled {
        works.append(
          inputGradient(
            .init(
              convolution: module.convolution1, gradient: module.gradient1,
              firstBlock: bottom.blockCount),
            pooled.like(attention.innerGradients[task]), .mask(output: pooled), target.plan))
      }
      if isFrozen(task: task) { continue }
      works.append(
        weightGradient(
          module.convolution1,
          [.init(input: bottom, joined: pooled, gradient: module.gradient1)], target))
    }
    runner.run(works)
  }

  /// From the gradients of the pooled maps to those of a stage's attended maps.
  private func encoderBackward(
    _ attention: AttentionNetwork, stage index: Int, _ target: GradientTarget
  ) {
    let stage = attention.stages[index]
    guard let encoder = stage.encoder else { return }
    let plan = target.plan
    let gradients = encoder.outputs.enumerated().map { task, map in
      map.like(attention.encodedGradients[task])
    }
    func input(_ task: Int) -> NormInput {
      NormInput(norm: encoder.norms[task], map: encoder.outputs[task])
    }
    runner.run(
      gradients.enumerated().map { task, gradient in
        PoolBackward(
          taps: encoder.poolTaps, input: input(task),
          pooledGradient: encoder.pooled[task].like(attention.innerGradients[task]),
          winner: encoder.winners[task], out: gradient, plan: plan)
      })
    for (task, norm) in encoder.norms.enumerated() {
      finish(norm, isFrozen: areEncodersFrozen, adding: task > 0, target)
    }
    let passes = gradients.enumerated().map { task, gradient in
      ConvolutionBackward(
        convolution: encoder.convolution, input: stage.modules[task].attended,
        norm: input(task), gradient: gradient, inner: gradient, use: task, plan: plan)
    }
    runner.run(passes.flatMap { normGradient($0, trained: !areEncodersFrozen) })

    var works: [any TileWork] = zip(stage.modules, passes).enumerated().map { task, pair in
      let (module, pass) = pair
      return inputGradient(
        pass, out: module.attended.like(attention.outerGradients[task]), adding: false, .none)
    }
    if !areEncodersFrozen {
      works.append(weightGradient(passes, into: target.out, accumulate: target.accumulate))
    }
    runner.run(works)
    if !areEncodersFrozen {
      finishWeightGradient(
        encoder.convolution, into: target.out, accumulate: target.accumulate)
    }
  }

  /// A BatchNorm's parameters, and the coefficients of its input's gradient.
  ///
  /// - Parameter adding: adds to the parameters' gradients that another task left in this pass.
  private func finish(
    _ norm: BatchNorm, isFrozen: Bool, adding: Bool, _ target: GradientTarget
  ) {
    if isFrozen {
      norm.passGradients()
    } else {
      norm.finishGradients(
        on: runner, sums: norm, parameters: parameters.pointer, gradients: target.out,
        accumulate: target.accumulate || adding,
        NormPartials(target.plan, positionCount: norm.positionCount))
    }
  }

  private func inputGradient(
    _ source: ConvolutionInputGradient.Source, _ out: FeatureMap,
    _ finish: InputGradientFinish, _ plan: BatchPlan
  ) -> ConvolutionInputGradient {
    ConvolutionInputGradient(
      sources: [source], out: out, accumulate: false, transposed: transposed.pointer, plan: plan,
      finish: finish)
  }

  private func weightGradient(
    _ convolution: Convolution, _ uses: [ConvolutionWeightGradient.Use], _ target: GradientTarget
  ) -> ConvolutionWeightGradient {
    ConvolutionWeightGradient(
      convolution: convolution, uses: uses, out: target.out, accumulate: target.accumulate,
      plan: target.plan)
  }
}
