import Experiment
import Tensors

/// The sizes that all heads share.
enum HeadShape {
  /// Features of the trunk, and hidden values of a head.
  static let inputCount = 512
  static let blockCount = inputCount / tileWidth
}

/// A task's head, as in the article: Linear 512→512, ReLU, Linear 512→k.
final class Head {
  let task: TaskSettings
  let hidden: Convolution
  let hiddenBias: ParameterEntry
  /// [k][512], as in PyTorch.
  let outputWeight: ParameterEntry
  let outputBias: ParameterEntry

  /// Hidden values after ReLU, and the gradient before ReLU: one pixel each.
  let hiddenMap: FeatureMap
  let hiddenGradient: FeatureMap
  /// [N][k].
  let logits: UnsafeMutablePointer<Float>
  /// Gradient of the task's own loss, without the task's weight, [N][k].
  let logitGradient: UnsafeMutablePointer<Float>
  /// The same times the task's weight of the step.
  let weightedGradient: UnsafeMutablePointer<Float>

  private let memory: AlignedBuffer

  let outputCount: Int

  init(task: TaskSettings, prefix: String, batchCapacity: Int, table: ParameterTable) throws {
    self.task = task
    outputCount = task.outputCount
    let inputs = HeadShape.inputCount
    let outputs = outputCount
    hidden = Convolution(
      linear: "\(prefix)linear.weight", inputs: inputs, outputs: inputs, table: table)
    hiddenBias = table.addPlain("\(prefix)linear.bias", shape: [inputs])
    outputWeight = table.addPlain("\(prefix)final.weight", shape: [outputs, inputs])
    outputBias = table.addPlain("\(prefix)final.bias", shape: [outputs])

    let pixel = MapSize(height: 1, width: 1)
    let mapCount = batchCapacity * inputs
    let logitCount = (batchCapacity * outputs + 15) / 16 * 16
    memory = try AlignedBuffer(count: 2 * mapCount + 3 * logitCount)
    hiddenMap = FeatureMap(
      pointer: memory.pointer, size: pixel, blockCount: HeadShape.blockCount)
    hiddenGradient = FeatureMap(
      pointer: memory.pointer + mapCount, size: pixel, blockCount: HeadShape.blockCount)
    logits = memory.pointer + 2 * mapCount
    logitGradient = logits + logitCount
    weightedGradient = logitGradient + logitCount
  }

  /// Multiply-adds of one sample's forward pass.
  var multiplyAdds: Int { hidden.multiplyAdds(.direct) + HeadShape.inputCount * outputCount }

  /// Scales the loss's gradient by the task's weight of the step.
  func weightGradient(by weight: Float, sampleCount: Int) {
    for i in 0..<sampleCount * outputCount { weightedGradient[i] = weight * logitGradient[i] }
  }
}
