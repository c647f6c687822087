/// The last linear layer of all heads: logits = hidden · Wᵀ + b. A task is some samples of one head.
struct HeadOutput: TileWork {
  let heads: [Head]
  let parameters: UnsafePointer<Float>
  let plan: BatchPlan
  let phase = StepPhase.heads

  private static let samplesPerTask = 16
  private var tasksPerHead: Int {
    (plan.sampleCount + HeadOutput.samplesPerTask - 1) / HeadOutput.samplesPerTask
  }

  var taskCount: Int { heads.count * tasksPerHead }

  func run(task: Int, on worker: TileWorker) {
    let head = heads[task / tasksPerHead]
    let start = task % tasksPerHead * HeadOutput.samplesPerTask
    let end = min(start + HeadOutput.samplesPerTask, plan.sampleCount)
    let bias = parameters + head.outputBias.offset
    for sample in start..<end {
      for k in 0..<head.outputCount {
        let weights = parameters + head.outputWeight.offset + k * HeadShape.inputCount
        var a = Lanes.zero
        var b = Lanes.zero
        for block in 0..<HeadShape.blockCount {
          let x = head.hiddenMap.tile(
            position: 0, block: block, sampleCount: plan.sampleCount, start: sample)
          let w = weights + block * tileWidth
          a = a.addingProduct(load(x), load(w))
          b = b.addingProduct(load(x + 16), load(w + 16))
          a = a.addingProduct(load(x + 32), load(w + 32))
          b = b.addingProduct(load(x + 48), load(w + 48))
        }
        head.logits[sample * head.outputCount + k] = (a + b).sum() + bias[k]
      }
    }
  }
}

/// The last linear layer backward, for 64 hidden values at a time: their gradient through ReLU, and
/// the gradients of the last layer's weights and of the hidden layer's bias. Reads the weighted
/// gradients of the logits.
struct HeadOutputGradient: TileWork {
  let heads: [Head]
  let parameters: UnsafePointer<Float>
  /// The arena of gradients, or nil for the hidden gradient alone.
  let out: UnsafeMutablePointer<Float>?
  /// One per head: heads whose parameters are frozen pass gradients on, but have none.
  let trained: [Bool]
  let accumulate: Bool
  let plan: BatchPlan
  let phase = StepPhase.heads

  var taskCount: Int { heads.count * HeadShape.blockCount }

  func run(task: Int, on worker: TileWorker) {
    let index = task / HeadShape.blockCount
    let head = heads[index]
    let block = task % HeadShape.blockCount
    let outputs = head.outputCount
    let rows = plan.sampleCount
    let weights = parameters + head.outputWeight.offset + block * tileWidth
    let y = head.hiddenMap.tile(position: 0, block: block, sampleCount: rows)
    let g = head.hiddenGradient.tile(position: 0, block: block, sampleCount: rows)
    let trainedOut = trained[index] ? out : nil
    for channel in stride(from: 0, to: tileWidth, by: 16) {
      var biasSum = Lanes.zero
      for row in 0..<rows {
        var value = Lanes.zero
        for k in 0..<outputs {
          let slope = Lanes(repeating: head.weightedGradient[row * outputs + k])
          value = value.addingProduct(slope, load(weights + k * HeadShape.inputCount + channel))
        }
        value = value.masked(by: load(y + row * tileWidth + channel))
        store(value, g + row * tileWidth + channel)
        biasSum += value
      }
      guard let trainedOut else { continue }
      let offset = block * tileWidth + channel
      add(biasSum, to: trainedOut + head.hiddenBias.offset + offset)
      for k in 0..<outputs {
        var sum = Lanes.zero
        for row in 0..<rows {
          let slope = Lanes(repeating: head.weightedGradient[row * outputs + k])
          sum = sum.addingProduct(slope, load(y + row * tileWidth + channel))
        }
        add(
          sum, to: trainedOut + head.outputWeight.offset + k * HeadShape.inputCount + offset)
      }
    }
    guard let trainedOut, block == 0 else { return }
    for k in 0..<outputs {
      var sum: Float = 0
      for row in 0..<rows { sum += head.weightedGradient[row * outputs + k] }
      let target = trainedOut + head.outputBias.offset + k
      target.pointee = accumulate ? target.pointee + sum : sum
    }
  }

  @inline(__always)
  private func add(_ value: Lanes, to target: UnsafeMutablePointer<Float>) {
    store(accumulate ? load(target) + value : value, target)
  }
}
