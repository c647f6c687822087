/// The trunk: a ResNet of basic blocks (He et al. 2016, table 1), as torchvision builds it.
package enum TrunkArchitecture: String, Hashable, Sendable, CaseIterable {
  case resNet18 = "resnet18"
  case resNet34 = "resnet34"

  /// Blocks in layer1 to layer4.
  var blockCounts: [Int] {
    switch self {
    case .resNet18: [2, 2, 2, 2]
    case .resNet34: [3, 4, 6, 3]
    }
  }

  /// 18 or 34.
  package var depth: Int { self == .resNet18 ? 18 : 34 }

  /// Features that the heads see.
  package var featureCount: Int { 512 }
}

/// How the tasks share the trunk.
package enum NetworkKind: String, Hashable, Sendable, CaseIterable {
  /// The article's: heads on the trunk's features.
  case hydraNet = "hydranet"
  /// Multi-Task Attention Network (Liu, Johns, Davison 2019): a soft mask for every task and stage
  /// of the trunk, and heads on what passes the last one.
  case mtan
}

/// What a network consists of: a trunk, a head for every task, and what is between.
package struct HydraConfiguration: Hashable, Sendable {
  package let kind: NetworkKind
  package let architecture: TrunkArchitecture
  package let tasks: [TaskDescription]

  /// - Throws: `ModelError` for no task, a name that stands twice, or a loss that does not fit its
  ///   task.
  package init(
    kind: NetworkKind = .hydraNet, architecture: TrunkArchitecture = .resNet18,
    tasks: [TaskDescription]
  ) throws {
    guard !tasks.isEmpty else { throw ModelError("a model has at least one task, but got none") }
    var names = Set<String>()
    for task in tasks {
      guard names.insert(task.name).inserted else {
        throw ModelError("task \(task.name) stands twice: give every task a name of its own")
      }
      if let problem = task.problem { throw ModelError("task \(task.name): \(problem)") }
    }
    self.kind = kind
    self.architecture = architecture
    self.tasks = tasks
  }
}
