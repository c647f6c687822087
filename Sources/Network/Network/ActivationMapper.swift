/// Where in an image an answer comes from: Grad-CAM (Selvaraju et al., "Grad-CAM: Visual Explanations
/// from Deep Networks via Gradient-based Localization", ICCV 2017, equations 1 and 2).
///
/// ```swift
/// let mapper = try ActivationMapper(net)
/// try net.forward(images, count: 8, training: false)
/// let map = mapper.map(of: net, task: 0, sample: 3, slopes: [1])   // [height][width]
/// ```
///
/// The map is that of the deepest block whose output is still of at least 4×4 pixels: the last map of
/// a small image is a single pixel, which says nothing about places. From there to the answer the
/// gradient goes through whole blocks, with BatchNorm as it is in evaluation. Weights are copied once;
/// several threads may use one mapper, each with its own network of the same weights.
package struct ActivationMapper: Sendable {
  /// Of the map, in its own pixels.
  package let height: Int
  package let width: Int
  /// Such as `layer2.1`.
  package let layer: String

  private let target: Int
  /// The blocks behind the map.
  private let blocks: [Block]
  private let heads: [Head]

  private static let leastSide = 4

  private struct Block: Sendable {
    let convolution1: Transposed
    let convolution2: Transposed
    let projection: Transposed?
  }

  private struct Head: Sendable {
    /// [hidden][features].
    let hidden: [Float]
    /// [outputs][hidden].
    let output: [Float]
  }

  /// - Throws: `ModelError` for an MTAN, whose answers do not come from the trunk's maps alone, and
  ///   for a network without a map that is large enough.
  package init(_ net: HydraNet) throws {
    guard net.attention == nil else {
      throw ModelError(
        "an MTAN's answers pass through attention beside the trunk, which an activation map leaves "
          + "out; explain the answers of a HydraNet")
    }
    let trunk = net.trunk.blocks
    guard
      let target = trunk.lastIndex(where: {
        min($0.output.size.height, $0.output.size.width) >= Self.leastSide
      })
    else {
      throw ModelError(
        "no map of the network is of 4×4 pixels or more for images of \(net.input.height)×"
          + "\(net.input.width); use larger images")
    }
    let tensors = Dictionary(
      uniqueKeysWithValues: net.exportTensors().compactMap { tensor in
        tensor.floats.map { (tensor.name, $0) }
      })
    func values(_ name: String) -> [Float] {
      guard let floats = tensors[name] else { preconditionFailure("the network has \(name)") }
      return floats
    }
    func transposed(_ convolution: Convolution, _ norm: BatchNorm) -> Transposed {
      Transposed(
        convolution, weights: values(convolution.weight.name),
        scale: zip(values("\(norm.name).weight"), values("\(norm.name).running_var")).map {
          $0 * Float(1 / (Double($1) + BatchNorm.epsilon).squareRoot())
        })
    }
    self.target = target
    (height, width) = (trunk[target].output.size.height, trunk[target].output.size.width)
    layer = trunk[target].norm1.name.split(separator: ".").dropFirst().dropLast()
      .joined(separator: ".")
    blocks = trunk[(target + 1)...].map { block in
      Block(
        convolution1: transposed(block.convolution1, block.norm1),
        convolution2: transposed(block.convolution2, block.norm2),
        projection: block.projection.map { transposed($0.convolution, $0.norm) })
    }
    heads = net.heads.map { head in
      Head(hidden: values(head.hidden.weight.name), output: values(head.outputWeight.name))
    }
  }

  /// The map of one sample: ReLU of the sum of the channels, each times the mean of the gradient over
  /// its pixels.
  ///
  /// - Parameters:
  ///   - net: of the weights that the mapper was made of, after `forward` without training.
  ///   - sample: of that batch.
  ///   - slopes: the gradient of what is explained by the head's outputs: 1 for a class's logit.
  /// - Returns: [height][width], 0 or more.
  package func map(of net: HydraNet, task: Int, sample: Int, slopes: [Float]) -> [Float] {
    let count = net.currentCount
    precondition(sample < count, "sample \(sample) of a batch of \(count)")
    func read(_ map: FeatureMap) -> [Float] { map.values(ofSample: sample, sampleCount: count) }

    let trunk = net.trunk.blocks
    let features = featureGradient(task, slopes, hidden: read(net.heads[task].hiddenMap))
    let positions = trunk[trunk.count - 1].output.size.positionCount
    var gradient = (0..<positions).flatMap { _ in features.map { $0 / Float(positions) } }
    for (block, layer) in zip(blocks, trunk[(target + 1)...]).reversed() {
      mask(&gradient, by: read(layer.output))
      var inner = block.convolution2.run(gradient)
      mask(&inner, by: read(layer.y1))
      let main = block.convolution1.run(inner)
      let shortcut = block.projection?.run(gradient) ?? gradient
      gradient = zip(main, shortcut).map { $0 + $1 }
    }

    let activations = read(trunk[target].output)
    let channels = activations.count / (height * width)
    var weights = [Float](repeating: 0, count: channels)
    for (place, value) in gradient.enumerated() { weights[place % channels] += value }
    return (0..<height * width).map { position in
      let pixel = activations[position * channels..<(position + 1) * channels]
      let sum = zip(pixel, weights).reduce(Float(0)) { $0 + $1.0 * $1.1 }
      return max(0, sum / Float(height * width))
    }
  }

  private func featureGradient(_ task: Int, _ slopes: [Float], hidden: [Float]) -> [Float] {
    let head = heads[task]
    let width = HeadShape.inputCount
    precondition(slopes.count * width == head.output.count, "a slope for every output")
    var features = [Float](repeating: 0, count: width)
    for unit in 0..<width where hidden[unit] > 0 {
      var slope: Float = 0
      for (output, factor) in slopes.enumerated() {
        slope += factor * head.output[output * width + unit]
      }
      for channel in 0..<width { features[channel] += slope * head.hidden[unit * width + channel] }
    }
    return features
  }

  private func mask(_ gradient: inout [Float], by output: [Float]) {
    for place in gradient.indices where output[place] <= 0 { gradient[place] = 0 }
  }
}

/// A convolution and the BatchNorm behind it, from the gradient of what they give to that of what
/// they read.
private struct Transposed: Sendable {
  private let taps: WindowTaps
  private let inputs: Int
  private let outputs: Int
  /// [tap][K][C], times BatchNorm's scale of k.
  private let weights: [Float]

  /// - Parameters:
  ///   - weights: [K][C][R][S].
  ///   - scale: by k.
  init(_ convolution: Convolution, weights source: [Float], scale: [Float]) {
    taps = convolution.taps
    inputs = convolution.inputBlocks * tileWidth
    outputs = convolution.outputBlocks * tileWidth
    var weights = [Float](repeating: 0, count: source.count)
    for tap in taps.liveTaps {
      for k in 0..<outputs {
        for c in 0..<inputs {
          weights[(tap * outputs + k) * inputs + c] =
            scale[k] * source[(k * inputs + c) * taps.tapCount + tap]
        }
      }
    }
    self.weights = weights
  }

  /// - Parameter gradient: [position][K].
  /// - Returns: [position][C].
  func run(_ gradient: [Float]) -> [Float] {
    precondition(gradient.count == taps.output.positionCount * outputs, "a gradient of the output")
    var result = [Float](repeating: 0, count: taps.input.positionCount * inputs)
    result.withUnsafeMutableBufferPointer { result in
      weights.withUnsafeBufferPointer { weights in
        guard let result = result.baseAddress, let weights = weights.baseAddress else { return }
        for position in 0..<taps.output.positionCount {
          for link in taps.ofOutput[position] {
            // SAFETY: positions and taps are those of the sizes above.
            let target = result + link.position * inputs
            for k in 0..<outputs {
              let slope = gradient[position * outputs + k]
              if slope == 0 { continue }
              let row = weights + (link.tap * outputs + k) * inputs
              for c in 0..<inputs { target[c] += slope * row[c] }
            }
          }
        }
      }
    }
    return result
  }
}

extension FeatureMap {
  /// The values of one sample, [position][C].
  fileprivate func values(ofSample sample: Int, sampleCount: Int) -> [Float] {
    (0..<size.positionCount).flatMap { position in
      (0..<blockCount).flatMap { block in
        UnsafeBufferPointer(
          start: tile(position: position, block: block, sampleCount: sampleCount, start: sample),
          count: tileWidth)
      }
    }
  }
}
