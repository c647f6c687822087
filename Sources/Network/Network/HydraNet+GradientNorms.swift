import Tensors

extension HydraNet {
  /// For every task ‖∂loss/∂features‖, without the task's weight: how hard it pulls at what the
  /// tasks share. Runs the heads backward only, and leaves `gradients` alone.
  ///
  /// - Precondition: `losses` was called for the batch.
  package func featureGradientNorms() -> [Float] {
    let plan = prepareTaskGradients()
    return heads.indices.map { task in
      let pointer = taskFeatureGradient(task, plan).pointer
      let count = plan.sampleCount * HeadShape.inputCount
      return Float(dotProduct(pointer, pointer, 0..<count).squareRoot())
    }
  }

  /// For every task ‖∂loss/∂W‖ of the last convolution that the tasks share, without the task's
  /// weight: the norm of GradNorm (Chen et al. 2018). Leaves `gradients` alone.
  ///
  /// - Precondition: `losses` was called for the batch, after a forward pass with `training` and
  ///   a trunk that is not frozen.
  /// - Throws: `MemoryError`.
  package func lastLayerGradientNorms() throws -> [Float] {
    let scratch = try scratchGradients()
    return lastLayerGradients(scratch) { _, ranges in scratch.norm(of: ranges) }
  }

  /// The same over several batches: adds this batch's gradients to `sums`, and gives the norms of
  /// the sums.
  ///
  /// - Parameters:
  ///   - shares: by task, the part of the group's loss that this batch's mean is.
  ///   - sums: by task, the gradients so far; empty before the first batch.
  package func lastLayerGradientNorms(
    shares: [Float], addingTo sums: inout [[Float]]
  ) throws -> [Float] {
    let scratch = try scratchGradients()
    if sums.isEmpty { sums = shares.map { _ in [] } }
    var partial = sums
    sums = []
    let values = scratch.values.pointer
    let norms = lastLayerGradients(scratch) { task, ranges in
      let indices = ranges.joined()
      if partial[task].isEmpty { partial[task] = [Float](repeating: 0, count: indices.count) }
      var place = 0
      var square = 0.0
      for index in indices {
        partial[task][place] += shares[task] * values[index]
        square += Double(partial[task][place]) * Double(partial[task][place])
        place += 1
      }
      return Float(square.squareRoot())
    }
    sums = partial
    return norms
  }

  /// Computes each task's gradient of the last shared convolution into `scratch`, one after the
  /// other.
  ///
  /// - Parameter body: gets the task and the places of the gradient.
  private func lastLayerGradients(
    _ scratch: GradientArena, _ body: (Int, [Range<Int>]) -> Float
  ) -> [Float] {
    let plan = prepareTaskGradients()
    guard case .losses(let pass) = progress, pass.trunkIsTraining else {
      preconditionFailure("the last shared layer has no gradient: the trunk does not train")
    }
    let last = trunk.blocks[trunk.blocks.count - 1]
    return heads.indices.map { task in
      let features = taskFeatureGradient(task, plan)
      let gradient: FeatureMap
      if let attention {
        gradient = gateBackward(attention, stage: attention.stages.count - 1, tasks: [task], plan)
      } else {
        gradient = averageBackward(from: features, plan)
      }
      last.norm2.finishGradients(
        on: runner, sums: last.norm2, parameters: parameters.pointer,
        gradients: scratch.values.pointer,
        accumulate: false, NormPartials(plan, positionCount: gradient.size.positionCount))
      let pass = ConvolutionBackward(
        convolution: last.convolution2, input: last.y1, norm: last.main, gradient: gradient,
        inner: last.x2.like(trunk.outerGradient), plan: plan)
      runner.run(normGradient(pass))
      runner.run([weightGradient([pass], into: scratch.values.pointer, accumulate: false)])
      finishWeightGradient(
        last.convolution2, into: scratch.values.pointer, accumulate: false)
      return body(task, last.convolution2.weight.liveRanges)
    }
  }

  /// Brings every head's unweighted gradient back to its hidden layer.
  private func prepareTaskGradients() -> BatchPlan {
    guard case .losses(let pass) = progress else {
      preconditionFailure("gradient norms follow losses")
    }
    let plan = pass.plan
    refreshTransposed(plan)
    for head in heads { head.weightGradient(by: 1, sampleCount: plan.sampleCount) }
    runner.run(
      HeadOutputGradient(
        heads: heads, parameters: parameters.pointer, out: nil,
        trained: heads.map { _ in false }, accumulate: false, plan: plan))
    return plan
  }

  private func taskFeatureGradient(_ task: Int, _ plan: BatchPlan) -> FeatureMap {
    let map = attention?.featureGradients[task] ?? trunk.featureGradient
    runner.run(featureGradient(of: [heads[task]], out: map, plan))
    return map
  }
}
