/// What a loop over tiles computes and moves, whoever runs it: what its time is compared with.
///
/// Bytes are those of the memory that the loop reads and writes, each byte once, however often tasks
/// come back to it: what must move where nothing is in cache beforehand. Numbers per channel are
/// left out, and what tiles leave for BatchNorm but where it is added up.
package struct WorkCost: Equatable, Sendable {
  /// Multiply-adds of matrix products; those of passes element by element are not counted.
  package var multiplyAdds: Int
  package var bytesRead: Int
  package var bytesWritten: Int

  package var bytes: Int { bytesRead + bytesWritten }
  /// A multiply-add is two.
  package var flops: Double { 2 * Double(multiplyAdds) }

  package init(multiplyAdds: Int = 0, bytesRead: Int = 0, bytesWritten: Int = 0) {
    self.multiplyAdds = multiplyAdds
    self.bytesRead = bytesRead
    self.bytesWritten = bytesWritten
  }

  static func + (a: WorkCost, b: WorkCost) -> WorkCost {
    WorkCost(
      multiplyAdds: a.multiplyAdds + b.multiplyAdds, bytesRead: a.bytesRead + b.bytesRead,
      bytesWritten: a.bytesWritten + b.bytesWritten)
  }
}

/// Where a loop belongs.
package struct WorkLabel: Hashable, Sendable {
  /// As PyTorch names the layer, without the parameter: `net.layer1.0.conv1`. Several where their
  /// work is one: `net.layer2.0.conv1+downsample.0`.
  package let layer: String
  package let pass: WorkPass

  package init(layer: String, pass: WorkPass) {
    self.layer = layer
    self.pass = pass
  }
}

/// What a loop does for its layer.
package enum WorkPass: String, CaseIterable, Sendable {
  case forward
  case inputGradient = "input gradient"
  case weightGradient = "weight gradient"
  /// Of a minimal filter's input, for the forward pass or the weight gradient.
  case inputTransform = "input transform"
  /// Of the gradient of a minimal filter's output, with BatchNorm's backward pass.
  case gradientTransform = "gradient transform"
  case weightTransform = "weight transform"
  case normalization
  case normalizationBackward = "normalization backward"
  /// BatchNorm's numbers per channel, from what the tiles left, in both directions.
  case statistics
  case pooling
  case poolingBackward = "pooling backward"
  case optimizer
}
