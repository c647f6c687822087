import Experiment
import Terminal

/// Builds the ONNX graph of the article's HydraNet, a ResNet-18 or 34 (He et al. 2015) with one
/// head a task, from tensors under PyTorch's names (`net.conv1.weight` … `net.fc3.final.bias`); or
/// of MTAN, which has attention modules of every task besides.
///
/// The model takes `image`, F32 [N, 3, S, S], and gives the logits of each task, F32 [N, outputs],
/// under the task's name. N is free.
package enum HydraNetONNX {
  package struct Task: Equatable, Sendable {
    package let name: String
    /// How many logits the head has.
    package let outputs: Int

    package init(name: String, outputs: Int) {
      self.name = name
      self.outputs = outputs
    }
  }

  /// Why tensors do not make a HydraNet.
  package struct Mismatch: Error, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// - Parameters:
  ///   - tensors: the state dict; of any floating-point type, written as F32.
  ///   - depth: 18 or 34.
  ///   - hasStemPool: whether a max-pool follows the first convolution.
  ///   - hasAttention: whether it is an MTAN.
  ///   - tasks: in the order of the heads `fc1`, `fc2`, ….
  ///   - inputSize: S, the image's height and width.
  ///   - normalization: puts (pixel / 255 - mean) / deviation per channel into the graph, so that it
  ///     takes pixels from 0 to 255; without it, the model takes images already normalized. Three
  ///     channels, and no deviation of zero.
  ///   - prefix: what comes before the trunk's names.
  /// - Throws: `Mismatch` where a tensor is missing, of another shape, or left over.
  package static func model(
    tensors: [NamedTensor], depth: Int, hasStemPool: Bool = true,
    hasAttention: Bool = false, tasks: [Task], inputSize: Int,
    normalization: ChannelStatistics? = nil, prefix: String = "net."
  ) throws -> ONNXModel {
    guard let blocks = [18: [2, 2, 2, 2], 34: [3, 4, 6, 3]][depth] else {
      throw Mismatch(description: "depth \(depth) is unknown, expected 18 or 34")
    }
    guard inputSize > 0, !tasks.isEmpty else {
      throw Mismatch(description: "a model needs an input size above 0 and at least one task")
    }
    var names: Set<String> = ["image"]
    for task in tasks where !names.insert(task.name).inserted || task.name.hasPrefix(prefix) {
      throw Mismatch(
        description: "task \(quoted(task.name)) cannot name an output: the name is taken")
    }
    var builder = try HydraNetGraph(
      tensors: tensors, prefix: prefix, name: "\(hasAttention ? "MTAN" : "HydraNet")-\(depth)")
    let image = builder.input(size: inputSize, normalization)
    let stages = try builder.trunk(image, blocks: blocks, hasPool: hasStemPool)
    let features: [String]
    if hasAttention {
      features = try builder.attention(stages, taskCount: tasks.count)
    } else {
      let shared = builder.average(stages[stages.count - 1].top, "")
      features = tasks.map { _ in shared }
    }
    for (index, task) in tasks.enumerated() {
      try builder.head(features[index], index: index + 1, task)
    }
    return try builder.finish()
  }

  /// Builds the model and writes it to `path`, whole or not at all.
  ///
  /// - Throws: `Mismatch` as `model` does, and `FileError`.
  package static func export(
    tensors: [NamedTensor], depth: Int, hasStemPool: Bool = true,
    hasAttention: Bool = false, tasks: [Task], inputSize: Int,
    normalization: ChannelStatistics? = nil, metadata: [String: String] = [:], to path: String
  ) throws {
    var model = try model(
      tensors: tensors, depth: depth, hasStemPool: hasStemPool, hasAttention: hasAttention,
      tasks: tasks, inputSize: inputSize, normalization: normalization)
    model.metadata = metadata
    try model.write(to: path)
  }
}
