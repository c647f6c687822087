import Experiment
import Network
import Tensors

/// A network whose outputs follow an `AnswerRule`. Metrics, predictions and calibration all ask here.
struct AnsweringNetwork {
  let model: HydraNet
  private let tasks: [TaskSettings]
  private let temperatures: [Float]
  /// Room for a batch of mirror images, where they are asked for.
  private let mirrored: AlignedBuffer?

  /// - Throws: `MemoryError`.
  init(_ model: HydraNet, tasks: [TaskSettings], rule: AnswerRule) throws {
    self.model = model
    self.tasks = tasks
    temperatures = tasks.map { Float(rule.temperatures[$0.name] ?? 1) }
    mirrored =
      rule.augmentation == .mirror ? try AlignedBuffer(count: model.input.floatCount) : nil
  }

  /// Runs a batch; `model.logits` and `model.losses` then follow the rule.
  func forward(_ images: UnsafePointer<Float>, count: Int) throws {
    try model.forward(images, count: count, training: false)
    if let mirrored {
      let straight = temperatures.indices.map { Array(model.logits(task: $0)) }
      model.input.mirror(images, count: count, into: mirrored.pointer)
      try model.forward(mirrored.pointer, count: count, training: false)
      for (task, outputs) in straight.enumerated() {
        model.setLogits(
          task: task, zip(outputs, model.logits(task: task)).map { ($0 + $1) / 2 })
      }
    }
    for (task, temperature) in temperatures.enumerated() where temperature != 1 {
      model.setLogits(task: task, model.logits(task: task).map { $0 / temperature })
    }
  }

  /// A head's outputs for the batch that `forward` saw, [count][outputs]: what its distribution is
  /// read as, or the logits.
  func outputs(task: Int) -> [Float] {
    let logits = Array(model.logits(task: task))
    guard let bins = tasks[task].distributionBins else { return logits }
    return stride(from: 0, to: logits.count, by: bins.count).map {
      Float(bins.answer(tasks[task].answer, Array(logits[$0..<$0 + bins.count])))
    }
  }

  /// By sample, the quantiles of the distribution that a head gives; nil for another head.
  func quantiles(task: Int) -> [[Double]]? {
    guard let bins = tasks[task].distributionBins else { return nil }
    let logits = Array(model.logits(task: task))
    return stride(from: 0, to: logits.count, by: bins.count).map {
      bins.quantiles(Prediction.quantileShares, Array(logits[$0..<$0 + bins.count]))
    }
  }
}
