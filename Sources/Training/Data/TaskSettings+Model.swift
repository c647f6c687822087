import Experiment
import Network

extension TaskSettings {
  /// The task as the network knows it.
  ///
  /// - Parameter counts: training samples by class, for balanced class weights.
  func description(counts: [Int]) -> TaskDescription {
    TaskDescription(
      name: name, column: column, kind: modelKind, loss: modelLoss(counts: counts),
      lossWeight: Float(weight))
  }

  private var modelKind: TaskKind {
    switch kind {
    case .regression: .regression
    case .binary: .binary
    case .categorical: .categorical(classCount: classes ?? 2)
    }
  }

  private func modelLoss(counts: [Int]) -> TaskLoss {
    switch loss {
    case .l1: return .l1
    case .smoothL1: return .smoothL1()
    case .mse: return .meanSquaredError
    case .bce: return .binaryCrossEntropy(positiveWeight: Float(positiveWeight))
    case .ce:
      let weights: [Float]? =
        switch classWeights {
        case .none: nil
        case .balanced: balancedWeights(counts).map { Float($0) }
        case .list(let weights): weights.map { Float($0) }
        }
      return .crossEntropy(classWeights: weights, labelSmoothing: Float(labelSmoothing))
    }
  }
}

extension TrainSettings {
  /// - Parameter counts: by task, training samples by class; empty arrays where none are known.
  func modelConfiguration(counts: [[Int]]) throws -> HydraConfiguration {
    try HydraConfiguration(
      kind: model.networkKind, architecture: model.trunkArchitecture,
      tasks: zip(tasks, counts).map { $0.description(counts: $1) })
  }
}

extension ModelSettings {
  var networkKind: NetworkKind {
    switch name {
    case .hydranet: .hydraNet
    case .mtan: .mtan
    }
  }

  var trunkArchitecture: TrunkArchitecture { depth == 18 ? .resNet18 : .resNet34 }

  /// For people to read, such as "MTAN, ResNet-18".
  var title: String { (name == .mtan ? "MTAN, " : "") + "ResNet-\(depth)" }
}
