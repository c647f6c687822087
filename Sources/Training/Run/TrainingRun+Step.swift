import Experiment
import Files
import Loader
import Network

extension TrainingRun {
  /// Forward, loss and backward of one batch, and the update where it completes a step.
  ///
  /// - Returns: whether an optimizer step was done.
  func train(on batch: borrowing Batch) throws -> Bool {
    guard let images = batch.pixels.baseAddress else { return false }
    // The last group of an epoch may have fewer batches than `accumulate`; its mean is over those.
    let place = progress.batch % batchesPerEpoch % settings.accumulate
    let groupStart = progress.batch % batchesPerEpoch - place
    let groupSize = min(settings.accumulate, batchesPerEpoch - groupStart)
    if place == 0 {
      group = BatchGroup(
        progress.batch..<progress.batch + groupSize, order: order, labels: trainingLabels,
        tasks: model.configuration.tasks)
    }

    try model.forward(images, count: batch.count, training: true)
    let losses = try model.losses(data.labels(of: batch))
    try guardLosses(losses)
    // NaN: no sample of the batch has the task's label.
    let known = zip(losses, model.lossWeights).map { $1 > 0 ? $0 : .nan }
    let weights = balancer.weights(for: known, step: progress.step)
    let shares = group.add(known, weights: model.lossWeights)
    let norms = balancer.needsGradientNorms ? try gradientNorms(shares) : nil
    backward(zip(weights, shares).map { $0 * $1 }, accumulate: place > 0)
    progress.sums.add(
      images: batch.count, losses: losses, lossWeights: model.lossWeights, weights: weights,
      total: balancer.total(of: known, weights: weights))
    meter.add(images: batch.count, losses: known)
    progress.batch += 1
    guard place == groupSize - 1 else { return false }

    if balancer.needsTaskGradients { combineTaskGradients() }
    try clipGradients()
    optimizer.step(
      learningRate: Float(schedule.rate(at: progress.step)),
      momentum: Float(schedule.momentum(at: progress.step)))
    if let average, let decay = settings.ema {
      // A short memory at first, or the initial weights would stay in the average for long.
      let early = Double(1 + progress.step) / Double(10 + progress.step)
      average.update(decay: Float(min(decay, early)))
    }
    balancer.learn(losses: group.losses, gradientNorms: norms)
    progress.step += 1
    return true
  }

  private func backward(_ weights: [Float], accumulate: Bool) {
    guard balancer.needsTaskGradients else {
      model.backward(taskWeights: weights, accumulate: accumulate)
      return
    }
    for (task, arena) in zip(balancer.remaining, arenas) {
      var single = [Float](repeating: 0, count: weights.count)
      single[task] = weights[task]
      model.backward(taskWeights: single, into: arena, accumulate: accumulate)
    }
  }

  /// Each task's gradient in the last shared layer, over the batches of the group so far.
  private func gradientNorms(_ shares: [Float]) throws -> [Float] {
    group.batchCount == 1
      ? try model.lastLayerGradientNorms()
      : try model.lastLayerGradientNorms(shares: shares, addingTo: &group.gradientSums)
  }

  /// The gradients of the tasks that are left, each by itself.
  private var arenas: [GradientArena] {
    Array(([model.gradients] + taskGradients).prefix(balancer.remaining.count))
  }

  /// Combines the tasks' gradients in the shared trunk as the balancing says; each head has its own
  /// task's gradient alone.
  private func combineTaskGradients() {
    let arenas = arenas
    let products = arenas.map { a in arenas.map { b in a.dot(b, .trunk) } }
    let coefficients = balancer.coefficients(products: products, step: progress.step)
    model.gradients.scale(by: Float(coefficients[0]), .trunk)
    for place in arenas.indices.dropFirst() {
      model.gradients.add(arenas[place], scaledBy: Float(coefficients[place]), .trunk)
      model.gradients.add(arenas[place], scaledBy: 1, .head(balancer.remaining[place]))
    }
  }

  /// Scales the gradient to a norm of at most `clip_norm`, as PyTorch's `clip_grad_norm_`.
  private func clipGradients() throws {
    guard let limit = settings.clipNorm else { return }
    let norm = model.gradients.norm(.all)
    guard norm.isFinite else {
      throw LossError(
        what: "the gradient's norm", value: norm, epoch: epochsDone + 1, step: progress.step,
        folder: folder)
    }
    let scale = Float(limit) / (norm + 1e-6)
    if scale < 1 { model.gradients.scale(by: scale, .all) }
  }

  /// Stops the run before a loss that is not finite gets into the weights.
  private func guardLosses(_ losses: [Float]) throws {
    guard let task = losses.firstIndex(where: { !$0.isFinite }) else { return }
    throw LossError(
      what: "the loss of \(settings.tasks[task].name)", value: losses[task],
      epoch: epochsDone + 1, step: progress.step, folder: folder)
  }
}

/// Training went astray: a loss or gradient is not a finite number.
package struct LossError: Error, CustomStringConvertible {
  package let description: String

  init(what: String, value: Float, epoch: Int, step: Int, folder: RunFolder) {
    let kept =
      exists(folder.checkpoint)
      ? "the checkpoint of an earlier step is intact in \(folder.path)"
      : "no checkpoint had been written"
    description =
      "\(what) became \(value.isNaN ? "not a number" : "infinite") in epoch \(epoch), step \(step), so the run was stopped; \(kept); "
      + "try a lower --lr, --clip-norm 5, or a smaller --task-weight"
  }
}
