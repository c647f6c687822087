import Kernels
import Tensors

// The costs of all loops, side by side: what is counted is one rule (see `WorkCost`).

private let floatBytes = MemoryLayout<Float>.stride

extension FeatureMap {
  /// Bytes of some of its pixels, of all where nil.
  fileprivate func byteCount(_ plan: BatchPlan, pixels: Int? = nil) -> Int {
    (pixels ?? size.positionCount) * blockCount * tileWidth * plan.sampleCount * floatBytes
  }
}

extension ProductShape.Operands {
  fileprivate var byteCount: Int { self == .float32 ? floatBytes : floatBytes / 2 }
}

extension OperandMap {
  /// Bytes of the matrices of all chunks, each of the tiles of some samples.
  fileprivate func byteCount(_ plan: BatchPlan, _ tiling: FilterTiling) -> Int {
    byteCount(plan) * tiling.tileCount
  }

  /// Bytes of the matrices of all chunks, each of some samples.
  fileprivate func byteCount(_ plan: BatchPlan) -> Int {
    productCount * blockCount * tileWidth * plan.sampleCount * plan.operands.byteCount
  }
}

extension WindowTaps {
  /// Pixels of the input that any output reads: a quarter of them for a 1×1 kernel of stride 2.
  fileprivate var readPixels: Int { ofInput.count { !$0.isEmpty } }
}

extension Convolution {
  /// The name without the parameter's.
  var layer: String { String(weight.name.dropLast(".weight".count)) }

  /// Bytes of the weights that meet the map.
  fileprivate var liveBytes: Int {
    taps.liveTaps.count * inputBlocks * outputBlocks * Convolution.tile * floatBytes
  }

  /// Bytes of the transformed weights.
  fileprivate func filterBytes(
    _ tiling: FilterTiling, _ operands: ProductShape.Operands = .float32
  ) -> Int {
    tiling.productCount * inputBlocks * outputBlocks * Convolution.tile * operands.byteCount
  }

  /// Multiply-adds of a direct product with some blocks of the input's channels.
  fileprivate func directMultiplyAdds(_ plan: BatchPlan, inputBlocks: Int? = nil) -> Int {
    taps.linkCount * (inputBlocks ?? self.inputBlocks) * outputBlocks * Convolution.tile
      * plan.sampleCount
  }

  fileprivate func filterMultiplyAdds(_ plan: BatchPlan, _ tiling: FilterTiling) -> Int {
    tiling.multiplyAdds * inputBlocks * outputBlocks * Convolution.tile * plan.sampleCount
  }
}

/// Several names as one, without what the later ones have in common with the first:
/// `net.layer2.0.conv1+downsample.0`.
func joinedLayers(_ names: [String]) -> String {
  guard let first = names.first else { return "" }
  let start = first.split(separator: ".")
  return names.dropFirst().reduce(first) { text, name in
    let parts = name.split(separator: ".")
    let common = zip(start, parts).prefix { $0 == $1 }.count
    return text + "+" + parts.dropFirst(common).joined(separator: ".")
  }
}

extension BatchNorm {
  /// Another layer beside this one: `net.maxpool` beside `net.bn1`.
  fileprivate func sibling(_ part: String) -> String {
    (name.split(separator: ".").dropLast().map(String.init) + [part]).joined(separator: ".")
  }
}

extension ForwardFinish {
  fileprivate func bytesRead(_ plan: BatchPlan) -> Int {
    switch self {
    case .none, .moments, .affine, .affineRelu, .biasRelu: 0
    case .affineAddRelu(_, let map), .affineGate(_, let map): map.byteCount(plan)
    }
  }
}

extension InputGradientFinish {
  fileprivate func bytesRead(_ plan: BatchPlan) -> Int {
    switch self {
    case .none: 0
    case .mask(let output): output.byteCount(plan)
    case .maskAndSum(let output, let main, let shortcut):
      output.byteCount(plan) + main.map.byteCount(plan) + (shortcut?.map.byteCount(plan) ?? 0)
    }
  }
}

// MARK: - Convolutions as direct products

extension ConvolutionForward {
  var label: WorkLabel { WorkLabel(layer: convolution.layer, pass: .forward) }

  var cost: WorkCost {
    let pixels = convolution.taps.readPixels
    let operands =
      input.byteCount(plan, pixels: pixels) + (joined?.byteCount(plan, pixels: pixels) ?? 0)
      + convolution.liveBytes
    return WorkCost(
      multiplyAdds: convolution.directMultiplyAdds(plan),
      bytesRead: (rounded == nil ? operands : operands / 2) + finish.bytesRead(plan),
      bytesWritten: output.byteCount(plan))
  }
}

extension ConvolutionInputGradient {
  var label: WorkLabel {
    WorkLabel(layer: joinedLayers(sources.map(\.convolution.layer)), pass: .inputGradient)
  }

  var cost: WorkCost {
    var cost = WorkCost(
      bytesRead: finish.bytesRead(plan) + (accumulate ? out.byteCount(plan) : 0),
      bytesWritten: out.byteCount(plan))
    for source in sources {
      let convolution = source.convolution
      cost.multiplyAdds += convolution.directMultiplyAdds(plan, inputBlocks: out.blockCount)
      let operands =
        source.gradient.byteCount(plan)
        + convolution.liveBytes / convolution.inputBlocks * out.blockCount
      cost.bytesRead += source.rounded == nil ? operands : operands / 2
    }
    return cost
  }
}

extension ConvolutionWeightGradient {
  var label: WorkLabel { WorkLabel(layer: convolution.layer, pass: .weightGradient) }

  var cost: WorkCost {
    let pixels = convolution.taps.readPixels
    var cost = WorkCost(
      bytesRead: accumulate ? convolution.liveBytes : 0, bytesWritten: convolution.liveBytes)
    for use in uses {
      cost.multiplyAdds += convolution.directMultiplyAdds(plan)
      let operands =
        use.input.byteCount(plan, pixels: pixels)
        + (use.joined?.byteCount(plan, pixels: pixels) ?? 0) + use.gradient.byteCount(plan)
      cost.bytesRead += use.rounded == nil ? operands : operands / 2
    }
    return cost
  }
}

// MARK: - Convolutions as minimal filters

extension FilterTransform {
  var label: WorkLabel { WorkLabel(layer: convolution.layer, pass: .weightTransform) }

  var cost: WorkCost {
    WorkCost(
      bytesRead: convolution.liveBytes,
      bytesWritten: [weights, transposed].reduce(0) {
        $0 + ($1.map { convolution.filterBytes(tiling, $0.operands) } ?? 0)
      })
  }
}

extension WeightRounding {
  var label: WorkLabel { WorkLabel(layer: convolution.layer, pass: .weightTransform) }

  var cost: WorkCost {
    let targets = (weights == nil ? 0 : 1) + (transposed == nil ? 0 : 1)
    return WorkCost(
      bytesRead: convolution.liveBytes, bytesWritten: targets * convolution.liveBytes / 2)
  }
}

extension InputRounding {
  var label: WorkLabel { WorkLabel(layer: layer, pass: .inputTransform) }

  var cost: WorkCost {
    WorkCost(bytesRead: input.byteCount(plan), bytesWritten: out.byteCount(plan))
  }
}

extension GradientRounding {
  var label: WorkLabel { WorkLabel(layer: layer, pass: .gradientTransform) }

  var cost: WorkCost {
    WorkCost(
      bytesRead: gradient.byteCount(plan) + input.map.byteCount(plan),
      bytesWritten: out.reduce(0) { $0 + $1.byteCount(plan) })
  }
}

extension FilterInputTransform {
  var label: WorkLabel { WorkLabel(layer: layer, pass: .inputTransform) }

  var cost: WorkCost {
    WorkCost(bytesRead: input.byteCount(plan), bytesWritten: out.byteCount(plan, tiling))
  }
}

extension FilterGradientTransform {
  var label: WorkLabel { WorkLabel(layer: layer, pass: .gradientTransform) }

  var cost: WorkCost {
    WorkCost(
      bytesRead: gradient.byteCount(plan) + input.map.byteCount(plan),
      bytesWritten: out.reduce(0) { $0 + $1.byteCount(plan, tiling) })
  }
}

extension FilterForward {
  var label: WorkLabel { WorkLabel(layer: convolution.layer, pass: .forward) }

  var cost: WorkCost {
    WorkCost(
      multiplyAdds: convolution.filterMultiplyAdds(plan, tiling),
      bytesRead: input.byteCount(plan, tiling)
        + convolution.filterBytes(tiling, plan.operands)
        + finish.bytesRead(plan),
      bytesWritten: output.byteCount(plan))
  }
}

extension FilterInputGradient {
  var label: WorkLabel { WorkLabel(layer: convolution.layer, pass: .inputGradient) }

  var cost: WorkCost {
    WorkCost(
      multiplyAdds: convolution.filterMultiplyAdds(plan, tiling),
      bytesRead: gradient.byteCount(plan, tiling)
        + convolution.filterBytes(tiling, plan.operands)
        + finish.bytesRead(plan) + (accumulate ? out.byteCount(plan) : 0),
      bytesWritten: out.byteCount(plan))
  }
}

extension FilterWeightProducts {
  var label: WorkLabel { WorkLabel(layer: convolution.layer, pass: .weightGradient) }

  var cost: WorkCost {
    var cost = WorkCost(bytesWritten: convolution.filterBytes(tiling))
    for use in uses {
      cost.multiplyAdds += convolution.filterMultiplyAdds(plan, tiling)
      cost.bytesRead += use.input.byteCount(plan, tiling) + use.gradient.byteCount(plan, tiling)
    }
    return cost
  }
}

extension FilterWeightGradient {
  var label: WorkLabel { WorkLabel(layer: convolution.layer, pass: .weightGradient) }

  var cost: WorkCost {
    WorkCost(
      bytesRead: convolution.filterBytes(tiling) + (accumulate ? convolution.liveBytes : 0),
      bytesWritten: convolution.liveBytes)
  }
}

// MARK: - First convolution

extension StemConvolution {
  /// The name without the parameter's.
  fileprivate var layer: String { String(weight.name.dropLast(".weight".count)) }

  fileprivate var weightBytes: Int { weight.count * floatBytes }

  /// Bytes of a batch of images, padding included.
  fileprivate func imageBytes(_ plan: BatchPlan) -> Int {
    input.floatCount / input.batchCapacity * plan.sampleCount * floatBytes
  }
}

extension StemRounding {
  var label: WorkLabel { WorkLabel(layer: stem.layer, pass: .inputTransform) }

  /// The images, and what they and the weights become: the images in two forms.
  var cost: WorkCost {
    let images = input.floatCount / input.batchCapacity * sampleCount
    return WorkCost(
      bytesRead: images * floatBytes + stem.weightBytes,
      bytesWritten: (2 * images + StemConvolution.side * RoundedStem.rowWeights) * floatBytes / 2)
  }

  private var input: InputLayout { rounded.input }
}

extension StemForward {
  var label: WorkLabel { WorkLabel(layer: stem.layer, pass: .forward) }

  var cost: WorkCost {
    WorkCost(
      multiplyAdds: stem.multiplyAdds * plan.sampleCount,
      bytesRead: stem.imageBytes(plan) + stem.weightBytes, bytesWritten: output.byteCount(plan))
  }
}

extension StemGradient {
  var label: WorkLabel { WorkLabel(layer: stem.layer, pass: .weightGradient) }

  var cost: WorkCost {
    WorkCost(
      multiplyAdds: stem.multiplyAdds * plan.sampleCount,
      bytesRead: stem.imageBytes(plan) + output.byteCount(plan) + gradient.byteCount(plan),
      bytesWritten: gradient.byteCount(plan) + stem.pieceCount * stem.weightBytes)
  }
}

extension StemGradientSum {
  var label: WorkLabel { WorkLabel(layer: stem.layer, pass: .weightGradient) }

  var cost: WorkCost {
    WorkCost(
      bytesRead: (stem.pieceCount + (accumulate ? 1 : 0)) * stem.weightBytes,
      bytesWritten: stem.weightBytes)
  }
}

// MARK: - Passes element by element

extension NormalizeForward {
  var label: WorkLabel { WorkLabel(layer: input.norm.name, pass: .normalization) }

  var cost: WorkCost {
    let other =
      switch shortcut {
      case .none: 0
      case .identity(let map): map.byteCount(plan)
      case .projected(let projection): projection.map.byteCount(plan)
      }
    return WorkCost(
      bytesRead: input.map.byteCount(plan) + other, bytesWritten: output.byteCount(plan))
  }
}

extension NormalizeBackward {
  var label: WorkLabel { WorkLabel(layer: input.norm.name, pass: .normalizationBackward) }

  var cost: WorkCost {
    WorkCost(
      bytesRead: gradient.byteCount(plan) + input.map.byteCount(plan),
      bytesWritten: out.byteCount(plan))
  }
}

extension NormPartials {
  /// Bytes of two numbers for every tile and channel.
  fileprivate func byteCount(_ norm: BatchNorm) -> Int {
    2 * tileCount * norm.channelCount * floatBytes
  }
}

extension NormStatistics {
  var label: WorkLabel { WorkLabel(layer: norm.name, pass: .statistics) }

  var cost: WorkCost { WorkCost(bytesRead: partials.byteCount(norm)) }
}

extension NormGradients {
  var label: WorkLabel { WorkLabel(layer: norm.name, pass: .statistics) }

  var cost: WorkCost { WorkCost(bytesRead: partials.byteCount(norm)) }
}

extension PoolForward {
  var label: WorkLabel { WorkLabel(layer: input.norm.sibling("maxpool"), pass: .pooling) }

  var cost: WorkCost {
    WorkCost(
      bytesRead: input.map.byteCount(plan),
      bytesWritten: output.byteCount(plan) + winner.byteCount(plan))
  }
}

extension PoolBackward {
  var label: WorkLabel { WorkLabel(layer: input.norm.sibling("maxpool"), pass: .poolingBackward) }

  var cost: WorkCost {
    WorkCost(
      bytesRead: pooledGradient.byteCount(plan) + winner.byteCount(plan)
        + input.map.byteCount(plan),
      bytesWritten: out.byteCount(plan))
  }
}

extension AverageForward {
  var label: WorkLabel { WorkLabel(layer: "net.avgpool", pass: .pooling) }

  var cost: WorkCost {
    WorkCost(bytesRead: input.byteCount(plan), bytesWritten: output.byteCount(plan))
  }
}

extension AverageBackward {
  var label: WorkLabel { WorkLabel(layer: "net.avgpool", pass: .poolingBackward) }

  var cost: WorkCost {
    WorkCost(
      bytesRead: gradient.byteCount(plan) + output.byteCount(plan) + input.map.byteCount(plan)
        + (shortcut?.map.byteCount(plan) ?? 0),
      bytesWritten: out.byteCount(plan))
  }
}

extension GateForward {
  var label: WorkLabel { WorkLabel(layer: module.norm2.name, pass: .normalization) }

  var cost: WorkCost {
    WorkCost(
      bytesRead: module.x2.byteCount(plan) + top.byteCount(plan),
      bytesWritten: module.mask.byteCount(plan) + module.attended.byteCount(plan))
  }
}

extension GateBackward {
  var label: WorkLabel {
    WorkLabel(
      layer: joinedLayers(gates.map(\.module.norm2.name)), pass: .normalizationBackward)
  }

  var cost: WorkCost {
    var cost = WorkCost(
      bytesRead: top.byteCount(plan) + finish.bytesRead(plan), bytesWritten: out.byteCount(plan))
    for gate in gates {
      cost.bytesRead +=
        gate.gradient.byteCount(plan) + gate.module.mask.byteCount(plan)
        + gate.module.x2.byteCount(plan)
      cost.bytesWritten += gate.out.byteCount(plan)
    }
    return cost
  }
}

// MARK: - Heads

extension Head {
  /// The name of the last linear layer.
  fileprivate var outputLayer: String { String(outputWeight.name.dropLast(".weight".count)) }

  /// Bytes of the last layer's weights, and of a value for every sample and output.
  fileprivate var weightBytes: Int { outputWeight.count * floatBytes }

  fileprivate func logitBytes(_ plan: BatchPlan) -> Int {
    outputCount * plan.sampleCount * floatBytes
  }

  /// Multiply-adds of the last layer's forward pass, or of one of its gradients.
  fileprivate func outputMultiplyAdds(_ plan: BatchPlan) -> Int {
    outputWeight.count * plan.sampleCount
  }
}

extension HeadOutput {
  var label: WorkLabel {
    WorkLabel(layer: joinedLayers(heads.map(\.outputLayer)), pass: .forward)
  }

  var cost: WorkCost {
    heads.reduce(WorkCost()) { sum, head in
      sum
        + WorkCost(
          multiplyAdds: head.outputMultiplyAdds(plan),
          bytesRead: head.hiddenMap.byteCount(plan) + head.weightBytes,
          bytesWritten: head.logitBytes(plan))
    }
  }
}

extension HeadOutputGradient {
  var label: WorkLabel {
    WorkLabel(layer: joinedLayers(heads.map(\.outputLayer)), pass: .inputGradient)
  }

  /// Both gradients.
  var cost: WorkCost {
    zip(heads, trained).reduce(WorkCost()) { sum, pair in
      let (head, isTrained) = pair
      let makesWeights = isTrained && out != nil
      return sum
        + WorkCost(
          multiplyAdds: (makesWeights ? 2 : 1) * head.outputMultiplyAdds(plan),
          bytesRead: head.hiddenMap.byteCount(plan) + head.logitBytes(plan)
            + (makesWeights && accumulate ? 2 : 1) * head.weightBytes,
          bytesWritten: head.hiddenGradient.byteCount(plan)
            + (makesWeights ? head.weightBytes : 0))
    }
  }
}
