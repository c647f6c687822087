import Experiment

/// Which parts of the network a run trains, from `freeze`, `train_only` and `lr_factors`.
package struct TrainableParts: Equatable, Sendable {
  package let trainsTrunk: Bool
  /// Whether an MTAN's shared encoders are trained.
  package let trainsEncoders: Bool
  /// By task; an MTAN's attention modules go with the heads.
  package let trainsHead: [Bool]
  package let trunkFactor: Double
  package let encoderFactor: Double
  package let headFactors: [Double]

  /// - Throws: `TrainingError` if nothing is left to train, or not what the balancing measures.
  package init(_ settings: TrainSettings) throws {
    let names = settings.tasks.map { "heads.\($0.name)" }
    func covers(_ list: [String], _ head: String) -> Bool {
      list.contains("heads") || list.contains(head)
    }
    if settings.trainOnly.isEmpty {
      trainsTrunk = !settings.freeze.contains("trunk")
      trainsEncoders = !settings.freeze.contains("encoders")
      trainsHead = names.map { !covers(settings.freeze, $0) }
    } else {
      trainsTrunk = settings.trainOnly.contains("trunk")
      trainsEncoders = settings.trainOnly.contains("encoders")
      trainsHead = names.map { covers(settings.trainOnly, $0) }
    }
    let hasEncoders = settings.model.name == .mtan
    guard trainsTrunk || hasEncoders && trainsEncoders || trainsHead.contains(true) else {
      throw TrainingError(
        "trunk\(hasEncoders ? ", encoders" : "") and all heads are frozen, so there is nothing to "
          + "train; freeze fewer parts")
    }
    let balance = settings.balance.method
    guard trainsTrunk || balance.type.need != .gradientNorms else {
      throw TrainingError(
        "\(balance.rawValue) measures gradients in the trunk's last convolution, but the trunk is frozen; "
          + "choose another --balance, or train the trunk")
    }
    let factors = settings.lrFactors
    trunkFactor = factors["trunk"] ?? 1
    encoderFactor = factors["encoders"] ?? 1
    headFactors = names.map { factors[$0] ?? factors["heads"] ?? 1 }
  }
}
