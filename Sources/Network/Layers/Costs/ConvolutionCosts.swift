import Kernels
import Tensors

// The costs of convolutions: direct, as minimal filters, and the first one.

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

extension ForwardFinish {
  fileprivate func bytesRead(_ plan: BatchPlan) -> Int {
    switch self {
    case .none, .moments, .affine, .affineRelu, .biasRelu: 0
    case .affineAddRelu(_, let map), .affineGate(_, let map): map.byteCount(plan)
    }
  }
}

// MARK: - Direct products

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

// MARK: - Minimal filters

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

extension Convolution {
  /// Of a filter's products over channels: forward, or of the input's gradient.
  ///
  /// - Parameter bytes: what else is read.
  fileprivate func filterCost(
    of operand: OperandMap, out: FeatureMap, reading bytes: Int, _ plan: BatchPlan,
    _ tiling: FilterTiling
  ) -> WorkCost {
    WorkCost(
      multiplyAdds: filterMultiplyAdds(plan, tiling),
      bytesRead: operand.byteCount(plan, tiling) + filterBytes(tiling, plan.operands) + bytes,
      bytesWritten: out.byteCount(plan))
  }
}

extension FilterForward {
  var label: WorkLabel { WorkLabel(layer: convolution.layer, pass: .forward) }

  var cost: WorkCost {
    convolution.filterCost(
      of: input, out: output, reading: finish.bytesRead(plan), plan, tiling)
  }
}

extension FilterInputGradient {
  var label: WorkLabel { WorkLabel(layer: convolution.layer, pass: .inputGradient) }

  var cost: WorkCost {
    convolution.filterCost(
      of: gradient, out: out,
      reading: finish.bytesRead(plan) + (accumulate ? out.byteCount(plan) : 0), plan, tiling)
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
