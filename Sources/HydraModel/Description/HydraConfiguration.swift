/// The trunk: a ResNet of basic blocks (He et al. 2016, table 1), as torchvision builds it.
public enum TrunkArchitecture: String, Hashable, Sendable, CaseIterable {
  case resNet18 = "resnet18"
  case resNet34 = "resnet34"

  /// Blocks in layer1 to layer4.
  var blockCounts: [Int] {
    switch self {
    case .resNet18: [2, 2, 2, 2]
    case .resNet34: [3, 4, 6, 3]
    }
  }

  /// Features that the heads see.
  public var featureCount: Int { 512 }
}

/// What a HydraNet consists of: a trunk, and a head for every task.
public struct HydraConfiguration: Hashable, Sendable {
  public let architecture: TrunkArchitecture
  public let tasks: [TaskDescription]

  /// - Throws: `ModelError` for no task, a name that stands twice, or a loss that does not fit its
  ///   task.
  public init(architecture: TrunkArchitecture = .resNet18, tasks: [TaskDescription]) throws {
    guard !tasks.isEmpty else { throw ModelError("a model has at least one task, but got none") }
    var names = Set<String>()
    for task in tasks {
      guard names.insert(task.name).inserted else {
        throw ModelError("task \(task.name) stands twice: give every task a name of its own")
      }
      if let problem = task.problem { throw ModelError("task \(task.name): \(problem)") }
    }
    self.architecture = architecture
    self.tasks = tasks
  }
}
