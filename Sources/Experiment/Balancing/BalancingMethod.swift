import Glibc

/// One published way of weighing the losses of tasks against each other.
///
/// A method is a few numbers' arithmetic in a file of its own, and a line in `balancingMethods`. It
/// sees the losses after each task's own weight, Lᵢ = wᵢ·lossᵢ. What it learns is in a
/// `BalancingState`, which a checkpoint holds; the method itself never changes.
///
/// A loss is NaN where no sample of the batch has the task's label: the method leaves that task out.
package protocol BalancingMethod: Sendable {
  /// What a recipe calls it.
  static var name: String { get }
  /// What it asks of the network besides the losses.
  static var need: BalancingNeed { get }
  /// Where `State.values` begins, for every task; nil where the method learns none.
  static var startValue: Double? { get }

  init(_ tasks: BalancedTasks)

  /// Factors of Lᵢ in step `step`.
  func factors(_ losses: [Double], _ state: BalancingState, step: Int) -> [Double]

  /// What the whole objective is worth, for the log.
  ///
  /// - Parameter sum: Σ factorᵢ·Lᵢ.
  func total(_ losses: [Double], sum: Double, _ state: BalancingState) -> Double

  /// Learns, once per optimizer step.
  ///
  /// - Parameter norms: ‖∂Lᵢ/∂W‖ of the last shared layer, where `need` asks for them.
  func learn(_ losses: [Double], norms: [Double], _ state: inout BalancingState)

  /// Learns from the mean losses of an epoch that ended.
  func endEpoch(_ losses: [Double], _ state: inout BalancingState)

  /// Factors of the tasks' gradients in the shared parameters, where `need` asks for the gradients
  /// apart; the heads' own gradients stay as they are.
  ///
  /// - Parameter products: K×K inner products gᵢ·gⱼ of the shared parameters' gradients.
  func coefficients(products: [[Double]], step: Int) -> [Double]
}

package enum BalancingNeed {
  case losses
  /// The norm of each task's gradient in the last layer that the tasks share.
  case gradientNorms
  /// Each task's gradient by itself: a backward pass a task.
  case taskGradients
}

/// What a method knows of the tasks and the recipe.
package struct BalancedTasks: Sendable {
  let kinds: [TaskSettings.Kind]
  /// Which tasks have a weight above 0.
  let isActive: [Bool]
  let settings: BalanceSettings
  let seed: UInt64

  package init(_ tasks: [TaskSettings], settings: BalanceSettings, seed: UInt64) {
    // The loss of a distribution is a likelihood of classes.
    kinds = tasks.map { $0.isDistribution ? .categorical : $0.kind }
    isActive = tasks.map { $0.weight > 0 }
    self.settings = settings
    self.seed = seed
  }

  var count: Int { kinds.count }
}

extension BalancingMethod {
  package static var need: BalancingNeed { .losses }
  package static var startValue: Double? { nil }

  package func factors(_ losses: [Double], _ state: BalancingState, step: Int) -> [Double] {
    losses.map { _ in 1 }
  }

  package func total(_ losses: [Double], sum: Double, _ state: BalancingState) -> Double { sum }

  package func learn(_ losses: [Double], norms: [Double], _ state: inout BalancingState) {}

  package func endEpoch(_ losses: [Double], _ state: inout BalancingState) {}

  package func coefficients(products: [[Double]], step: Int) -> [Double] { products.map { _ in 1 } }
}

/// Every method that a recipe can name.
let balancingMethods: [any BalancingMethod.Type] = [
  LossSum.self,
  Uncertainty.self,
  DynamicWeightAverage.self,
  GeometricLoss.self,
  RandomLossWeights.self,
  GradNorm.self,
  PCGrad.self,
  FAMO.self,
  IMTLG.self,
]
