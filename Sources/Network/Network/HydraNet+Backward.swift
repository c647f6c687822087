extension HydraNet {
  /// Computes the gradients of Σ weight · loss over the tasks, into `gradients`.
  ///
  /// - Parameters:
  ///   - taskWeights: one per task, in the order of the configuration.
  ///   - accumulate: adds to the gradients that are there, instead of replacing them.
  /// - Precondition: `losses` was called for the batch, after a forward pass with `training`.
  package func backward(taskWeights: [Float], accumulate: Bool = false) {
    backward(taskWeights: taskWeights, into: gradients, accumulate: accumulate)
  }

  /// Computes the gradients of Σ weight · loss into an arena, and may be called several times for
  /// one batch, with other weights: one task at a time, as PCGrad needs it.
  package func backward(
    taskWeights: [Float], into arena: GradientArena, accumulate: Bool = false
  ) {
    guard case .losses(let pass) = progress else {
      preconditionFailure("backward follows losses, which follows forward")
    }
    let plan = pass.plan
    precondition(
      taskWeights.count == heads.count, "\(taskWeights.count) weights for \(heads.count) tasks")
    precondition(
      pass.isTraining || isTrunkFrozen && attention == nil,
      "backward follows a forward pass with training: true")
    for (head, weight) in zip(heads, taskWeights) {
      head.weightGradient(by: weight, sampleCount: plan.sampleCount)
    }
    let trained = heads.indices.map { !isFrozen(task: $0) }
    runner.run(
      HeadOutputGradient(
        heads: heads, parameters: parameters.pointer, out: arena.values.pointer, trained: trained,
        accumulate: accumulate, plan: plan))

    let out = arena.values.pointer
    var works: [any TileWork] = []
    if let attention {
      refreshTransposed(plan)
      for (head, map) in zip(heads, attention.featureGradients) {
        works.append(featureGradient(of: [head], out: map, plan))
      }
    } else if pass.trunkIsTraining {
      refreshTransposed(plan)
      works.append(featureGradient(of: heads, out: trunk.featureGradient, plan))
    }
    for (task, head) in heads.enumerated() where trained[task] {
      works.append(
        ConvolutionWeightGradient(
          convolution: head.hidden, input: features(task: task), gradient: head.hiddenGradient,
          out: out, accumulate: accumulate, plan: plan, phase: .heads))
    }
    runner.run(works)
    if let attention {
      let gradient = attentionBackward(attention, into: out, accumulate: accumulate, plan)
      if pass.trunkIsTraining {
        trunkBackward(from: gradient, into: out, accumulate: accumulate, plan)
      }
    } else if pass.trunkIsTraining {
      trunkBackward(
        from: averageBackward(from: trunk.featureGradient, plan), into: out,
        accumulate: accumulate, plan)
    }
  }

  /// Transposes the weights where they are not those of the last optimizer step or transposition.
  func refreshTransposed(_ plan: BatchPlan) {
    bank(plan).refresh(from: parameters.pointer, transposing: true, runner: runner)
    if transposedIsCurrent { return }
    let pieces = table.entries.flatMap { entry in
      GradientArena.pieces(entry.liveRanges).map { (entry, $0) }
    }
    runner.forEach(count: pieces.count, phase: .packing) { index, _ in
      let (entry, range) = pieces[index]
      entry.transpose(parameters.pointer, range, into: transposed.pointer)
    }
    transposedIsCurrent = true
  }

  /// The shared features' gradient: the sum over some heads.
  func featureGradient(of heads: [Head], out: FeatureMap, _ plan: BatchPlan)
    -> ConvolutionInputGradient
  {
    ConvolutionInputGradient(
      sources: heads.map { .init(convolution: $0.hidden, gradient: $0.hiddenGradient) },
      out: out, accumulate: false, transposed: transposed.pointer, plan: plan, finish: .none,
      phase: .heads)
  }

  /// Spreads the features' gradient over the last block's output.
  func averageBackward(from gradient: FeatureMap, _ plan: BatchPlan) -> FeatureMap {
    let last = trunk.blocks[trunk.blocks.count - 1]
    let out = last.output.like(trunk.blockGradients[0])
    runner.run(
      AverageBackward(
        gradient: gradient, out: out, output: last.output, input: last.main,
        shortcut: last.shortcut, plan: plan))
    return out
  }

  /// - Parameter gradient: of the last block's output, masked by ReLU and with BatchNorm's sums
  ///   taken.
  private func trunkBackward(
    from gradient: FeatureMap, into out: UnsafeMutablePointer<Float>, accumulate: Bool,
    _ plan: BatchPlan
  ) {
    var gradient = gradient
    for index in trunk.blocks.indices.reversed() {
      let previous = index > 0 ? trunk.blocks[index - 1] : nil
      // The sums were taken with the gradient: by the average's or the next block's backward pass.
      let next = index + 1 < trunk.blocks.count ? trunk.blocks[index + 1] : nil
      gradient = blockBackward(
        trunk.blocks[index], previous: previous, gradient: gradient,
        sums: plan.partials(
          of: next?.convolution1, positionCount: trunk.blocks[index].output.size.positionCount),
        others: attention?.sources(readingBlock: index - 1) ?? [],
        begun: attention?.gradient(ofBlock: index - 1), into: out, accumulate: accumulate, plan)
    }

    let stem = NormInput(norm: trunk.stemNorm, map: trunk.stemOutput)
    runner.run(
      PoolBackward(
        taps: trunk.poolTaps, input: stem, pooledGradient: gradient, winner: trunk.winner,
        out: trunk.stemGradient, plan: plan))
    trunk.stemNorm.finishGradients(
      on: runner, sums: trunk.stemNorm, parameters: parameters.pointer, gradients: out,
      accumulate: accumulate,
      NormPartials(plan, positionCount: trunk.stem.size.positionCount))
    guard let images = currentImages else { preconditionFailure("backward follows forward") }
    runner.run(
      StemGradient(
        stem: trunk.stem, images: images, rounded: roundedStem(plan), output: trunk.stemOutput,
        gradient: trunk.stemGradient,
        norm: trunk.stemNorm, pieces: trunk.stemPieces, plan: plan))
    runner.run(
      StemGradientSum(
        stem: trunk.stem, pieces: trunk.stemPieces, out: out, accumulate: accumulate))
  }

  /// One block: from the gradient of its output, masked by ReLU and with BatchNorm's sums taken, to
  /// the same of its input.
  ///
  /// - Parameters:
  ///   - sums: the tiles of BatchNorm's sums.
  ///   - others: attention modules that read the block's input too.
  ///   - begun: holds the part of the input's gradient that came through gates, or nil for none.
  private func blockBackward(
    _ block: ResidualBlock, previous: ResidualBlock?, gradient: FeatureMap, sums: NormPartials,
    others: [ConvolutionInputGradient.Source], begun: FeatureMap?,
    into out: UnsafeMutablePointer<Float>, accumulate: Bool, _ plan: BatchPlan
  ) -> FeatureMap {
    let weights = parameters.pointer
    let blockInput = previous?.output ?? trunk.pooled

    // Through the last BatchNorm, and the shortcut's.
    block.norm2.finishGradients(
      on: runner, sums: block.norm2, parameters: weights, gradients: out, accumulate: accumulate,
      sums)
    let second = ConvolutionBackward(
      convolution: block.convolution2, input: block.y1, norm: block.main, gradient: gradient,
      inner: block.x2.like(trunk.outerGradient), plan: plan)
    var works = normGradient(second)
    var third: ConvolutionBackward?
    if let projection = block.projection, let shortcut = block.shortcut {
      shortcut.norm.finishGradients(
        on: runner, sums: block.norm2, parameters: weights, gradients: out, accumulate: accumulate,
        sums)
      let pass = ConvolutionBackward(
        convolution: projection.convolution, input: blockInput, norm: shortcut,
        gradient: gradient, inner: shortcut.map.like(trunk.projectionGradient), use: 1, plan: plan)
      third = pass
      works += normGradient(pass)
    }
    runner.run(works)

    // Through the second convolution, to the first BatchNorm's sums.
    let middle = NormInput(norm: block.norm1, map: block.x1)
    let inner = block.x1.like(trunk.innerGradient)
    works = [
      inputGradient(
        second, out: inner, adding: false,
        .maskAndSum(output: block.y1, middle, shortcut: nil)),
      weightGradient([second], into: out, accumulate: accumulate),
    ]
    if let third { works.append(weightGradient([third], into: out, accumulate: accumulate)) }
    runner.run(works)
    finishWeightGradient(block.convolution2, into: out, accumulate: accumulate)

    block.norm1.finishGradients(
      on: runner, sums: block.norm1, parameters: weights, gradients: out, accumulate: accumulate,
      plan.partials(of: block.convolution2, positionCount: inner.size.positionCount))
    let first = ConvolutionBackward(
      convolution: block.convolution1, input: blockInput, norm: middle, gradient: inner,
      inner: inner, plan: plan)
    works = normGradient(first)

    // Through the first convolution and the shortcut, to the input.
    let finish: InputGradientFinish
    if let previous {
      finish = .maskAndSum(output: blockInput, previous.main, shortcut: previous.shortcut)
    } else {
      finish = .mask(output: blockInput)
    }
    func direct(
      _ sources: [ConvolutionInputGradient.Source], _ target: FeatureMap, adding: Bool,
      _ finish: InputGradientFinish
    ) -> ConvolutionInputGradient {
      ConvolutionInputGradient(
        sources: sources, out: target, accumulate: adding, transposed: transposed.pointer,
        plan: plan, finish: finish)
    }
    let target: FeatureMap
    let intoInput: any TileWork
    if let third {
      precondition(block.convolution1.tiling == nil, "a projection's block has a stride")
      let other = trunk.blockGradients.first { $0 != gradient.pointer }
      guard let other else { preconditionFailure("blocks take two buffers in turn") }
      target = begun ?? blockInput.like(other)
      // One sum of products: convolution and shortcut both read the input.
      intoInput = direct(
        [
          directSource(first), directSource(third),
        ] + others, target, adding: begun != nil, finish)
    } else {
      precondition(begun == nil, "a stage begins with a projection")
      // The identity's gradient is already there: the convolution's is added to it.
      target = gradient
      if block.convolution1.tiling == nil {
        intoInput = direct(
          [directSource(first)] + others, target, adding: true, finish)
      } else {
        if !others.isEmpty { works.append(direct(others, target, adding: true, .none)) }
        intoInput = inputGradient(first, out: target, adding: true, finish)
      }
    }
    runner.run(works)
    runner.run(intoInput, weightGradient([first], into: out, accumulate: accumulate))
    finishWeightGradient(block.convolution1, into: out, accumulate: accumulate)
    return target
  }
}
