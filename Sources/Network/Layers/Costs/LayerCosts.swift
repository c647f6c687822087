// The costs of all layers but convolutions.

extension BatchNorm {
  /// Another layer beside this one: `net.maxpool` beside `net.bn1`.
  fileprivate func sibling(_ part: String) -> String {
    (name.split(separator: ".").dropLast().map(String.init) + [part]).joined(separator: ".")
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

extension WindowTaps {
  /// What PyTorch calls the pooling; of windows of one pixel, the ReLU is left.
  fileprivate func layer(after norm: BatchNorm) -> String {
    norm.sibling(tapCount == 1 ? "relu" : "maxpool")
  }
}

extension PoolForward {
  var label: WorkLabel { WorkLabel(layer: taps.layer(after: input.norm), pass: .pooling) }

  var cost: WorkCost {
    WorkCost(
      bytesRead: input.map.byteCount(plan),
      bytesWritten: output.byteCount(plan) + winner.byteCount(plan))
  }
}

extension PoolBackward {
  var label: WorkLabel { WorkLabel(layer: taps.layer(after: input.norm), pass: .poolingBackward) }

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
