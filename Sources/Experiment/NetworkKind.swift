/// How the tasks share the trunk.
package enum NetworkKind: String, Hashable, Sendable, CaseIterable {
  /// The article's: one shared ResNet trunk, and a head per task on its features.
  case hydraNet = "hydranet"
  /// Multi-Task Attention Network (Liu, Johns, Davison 2019): a soft mask for every task and stage
  /// of the trunk, and heads on what passes the last one.
  case mtan
}

/// The trunk: a ResNet of basic blocks (He et al. 2016, table 1), as torchvision builds it. The raw
/// value is its depth.
package enum TrunkArchitecture: Int, Hashable, Sendable, CaseIterable {
  case resNet18 = 18
  case resNet34 = 34

  /// Blocks in layer1 to layer4.
  package var blockCounts: [Int] {
    switch self {
    case .resNet18: [2, 2, 2, 2]
    case .resNet34: [3, 4, 6, 3]
    }
  }

  /// Features that the heads see.
  package var featureCount: Int { 512 }
}

/// What follows the first convolution, its BatchNorm and its ReLU.
package enum StemPool: String, Hashable, Sendable, CaseIterable {
  /// The 3×3 max-pool of stride 2 that ResNet has (He et al. 2016, table 1).
  case max
  /// Nothing: every map of the residual blocks has twice the height and width.
  case none
}
