import Tensors

extension HydraNet {
  /// Runs a batch through the network.
  ///
  /// - Parameters:
  ///   - images: normalized, in the layout of `input`; the first `count` samples are read.
  ///   - count: 1 to the batch capacity.
  ///   - training: BatchNorm takes the batch's statistics and moves its running ones (unless its
  ///     part of the network is frozen), and `backward` may follow.
  /// - Throws: `ModelError` where a BatchNorm would see a single value, as PyTorch does.
  package func forward(_ images: UnsafePointer<Float>, count: Int, training: Bool) throws {
    precondition(
      count >= 1 && count <= input.batchCapacity,
      "a batch has 1 to \(input.batchCapacity) samples, not \(count)")
    let trunkIsTraining = training && !isTrunkFrozen
    let usesBatchStatistics = trunkIsTraining || training && attention != nil
    if usesBatchStatistics && count * trunk.lastMap.size.positionCount == 1 {
      throw ModelError(
        "a training batch of 1 image of \(input.height)×\(input.width) leaves BatchNorm a single "
          + "value per channel: train with at least 2 images, or drop the last batch")
    }
    let plan = try plan(for: count, training: usesBatchStatistics)
    bank(plan).refresh(
      from: parameters.pointer, transposing: usesBatchStatistics, runner: runner)
    currentImages = images
    if trunkIsTraining {
      trainingForward(images, plan)
    } else {
      // In float also where attention trains beside it.
      let plan = try self.plan(for: count, training: false)
      bank(plan).refresh(from: parameters.pointer, transposing: false, runner: runner)
      evaluationForward(images, plan)
    }
    if let attention {
      attentionForward(attention, training: training, plan)
    } else {
      runner.run(
        AverageForward(input: trunk.lastMap, output: trunk.features, plan: plan))
    }
    runner.run(
      heads.enumerated().map { task, head in
        ConvolutionForward(
          convolution: head.hidden, input: features(task: task), output: head.hiddenMap,
          parameters: parameters.pointer, plan: plan,
          finish: .biasRelu(parameters.pointer + head.hiddenBias.offset), phase: .heads)
      })
    runner.run(HeadOutput(heads: heads, parameters: parameters.pointer, plan: plan))
    progress = .forward(
      Pass(plan: plan, isTraining: training, trunkIsTraining: trunkIsTraining))
  }

  /// Convolutions leave moments; a second pass normalizes.
  private func trainingForward(_ images: UnsafePointer<Float>, _ plan: BatchPlan) {
    let weights = parameters.pointer
    stemForward(images, norm: trunk.stemNorm, plan)
    trunk.stemNorm.useBatchStatistics(
      on: runner, parameters: weights,
      NormPartials(plan, positionCount: trunk.stem.size.positionCount))
    pool(plan)

    var input = trunk.pooled
    for block in trunk.blocks {
      func convolution(_ convolution: Convolution, _ input: FeatureMap, _ out: NormInput)
        -> ConvolutionForward
      {
        ConvolutionForward(
          convolution: convolution, input: input, output: out.map, parameters: weights,
          plan: plan, finish: .moments(out.norm))
      }
      let first = NormInput(norm: block.norm1, map: block.x1)
      var works = [convolution(block.convolution1, input, first)]
      if let projection = block.projection, let shortcut = block.shortcut {
        works.append(convolution(projection.convolution, input, shortcut))
      }
      convolve(works)
      let positions = block.x1.size.positionCount
      block.norm1.useBatchStatistics(
        on: runner, parameters: weights,
        plan.partials(of: block.convolution1, positionCount: positions))
      block.projection?.norm.useBatchStatistics(
        on: runner, parameters: weights,
        plan.partials(of: block.projection?.convolution, positionCount: positions))
      runner.run(NormalizeForward(input: first, shortcut: .none, output: block.y1, plan: plan))

      convolve([convolution(block.convolution2, block.y1, block.main)])
      block.norm2.useBatchStatistics(
        on: runner, parameters: weights,
        plan.partials(of: block.convolution2, positionCount: positions))
      runner.run(
        NormalizeForward(
          input: block.main,
          shortcut: block.shortcut.map { .projected($0) } ?? .identity(input),
          output: block.output, plan: plan))
      input = block.output
    }
  }

  /// Scale and shift are known beforehand: every convolution finishes its tiles itself.
  private func evaluationForward(_ images: UnsafePointer<Float>, _ plan: BatchPlan) {
    let weights = parameters.pointer
    for norm in trunk.norms { norm.useRunningStatistics(parameters: weights) }
    stemForward(images, norm: nil, plan)
    pool(plan)

    var input = trunk.pooled
    for block in trunk.blocks {
      var works = [
        ConvolutionForward(
          convolution: block.convolution1, input: input, output: block.y1, parameters: weights,
          plan: plan, finish: .affineRelu(block.norm1))
      ]
      var shortcut = input
      if let projection = block.projection, let projected = block.projected {
        works.append(
          ConvolutionForward(
            convolution: projection.convolution, input: input, output: projected,
            parameters: weights, plan: plan, finish: .affine(projection.norm)))
        shortcut = projected
      }
      convolve(works)
      convolve([
        ConvolutionForward(
          convolution: block.convolution2, input: block.y1, output: block.output,
          parameters: weights, plan: plan,
          finish: .affineAddRelu(block.norm2, shortcut: shortcut))
      ])
      input = block.output
    }
  }

  private func stemForward(
    _ images: UnsafePointer<Float>, norm: BatchNorm?, _ plan: BatchPlan
  ) {
    let rounded = roundedStem(plan)
    if let rounded {
      runner.run(
        StemRounding(
          stem: trunk.stem, rounded: rounded, source: images, parameters: parameters.pointer,
          sampleCount: plan.sampleCount))
    }
    runner.run(
      StemForward(
        stem: trunk.stem, images: images, rounded: rounded, output: trunk.stemOutput,
        parameters: parameters.pointer, plan: plan, norm: norm))
  }

  private func pool(_ plan: BatchPlan) {
    runner.run(
      PoolForward(
        taps: trunk.poolTaps, input: NormInput(norm: trunk.stemNorm, map: trunk.stemOutput),
        output: trunk.pooled, winner: trunk.winner, plan: plan))
  }
}
