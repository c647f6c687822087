import Kernels

// What the costs of loops count: one rule, as `WorkCost` says.

let floatBytes = MemoryLayout<Float>.stride

extension FeatureMap {
  /// Bytes of some of its pixels, of all where nil.
  func byteCount(_ plan: BatchPlan, pixels: Int? = nil) -> Int {
    (pixels ?? size.positionCount) * blockCount * tileWidth * plan.sampleCount * floatBytes
  }
}

extension ProductShape.Operands {
  var byteCount: Int { self == .float32 ? floatBytes : floatBytes / 2 }
}

extension OperandMap {
  /// Bytes of the matrices of all chunks, each of the tiles of some samples.
  func byteCount(_ plan: BatchPlan, _ tiling: FilterTiling) -> Int {
    byteCount(plan) * tiling.tileCount
  }

  /// Bytes of the matrices of all chunks, each of some samples.
  func byteCount(_ plan: BatchPlan) -> Int {
    productCount * blockCount * tileWidth * plan.sampleCount * plan.operands.byteCount
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

extension InputGradientFinish {
  func bytesRead(_ plan: BatchPlan) -> Int {
    switch self {
    case .none: 0
    case .mask(let output): output.byteCount(plan)
    case .maskAndSum(let output, let main, let shortcut):
      output.byteCount(plan) + main.map.byteCount(plan) + (shortcut?.map.byteCount(plan) ?? 0)
    }
  }
}
