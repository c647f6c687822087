import Experiment
import Foundation

/// Weighs the losses of the tasks against each other, in one of the published ways.
///
/// Every method sees the losses after each task's own weight: Lᵢ = wᵢ·lossᵢ. `weights(for:)` gives
/// the factors of the *unweighted* losses for one backward pass, own weights included.
///
/// | method | factor of Lᵢ |
/// |---|---|
/// | sum | 1 |
/// | uncertainty | exp(−sᵢ)/2 (regression) or exp(−sᵢ), sᵢ = log σᵢ² learned: Kendall, Gal, Cipolla 2018, eq. 7 and 10 |
/// | dwa | K·softmax(Lᵢ(t−1)/Lᵢ(t−2) / T), 1 in the first two epochs: Liu, Johns, Davison 2019, eq. 7 |
/// | gls | ∂/∂Lᵢ of the geometric mean (Π L)^(1/K): Chennupati and others 2019, eq. 4 |
/// | rlw | K·softmax of normal draws, new in every step: Lin and others 2022 |
/// | gradnorm | learned, Σ = K: Chen and others 2018, algorithm 1 |
/// | pcgrad | see `PCGrad` |
///
/// A `struct` with all of its state in `State`, so that a checkpoint can hold it.
package struct TaskBalancer: Sendable {
  /// What a method has learned so far. Everything is Double: it is a few numbers per run.
  package struct State: Sendable, Equatable, Codable {
    /// log σ² (uncertainty) or the weights (gradnorm).
    package var values: [Double] = []
    /// Adam's moments of `values`, and its step count.
    package var firstMoments: [Double] = []
    package var secondMoments: [Double] = []
    package var updates = 0
    /// Losses of the first step (gradnorm).
    package var initialLosses: [Double] = []
    /// Mean losses of the epochs so far, at most the last two (dwa).
    package var history: [[Double]] = []

    package init() {}
  }

  package let settings: BalanceSettings
  package internal(set) var state = State()
  let kinds: [TaskSettings.Kind]
  let ownWeights: [Double]
  private let seed: UInt64

  package init(_ settings: BalanceSettings, tasks: [TaskSettings], seed: UInt64) {
    self.settings = settings
    kinds = tasks.map(\.kind)
    ownWeights = tasks.map(\.weight)
    self.seed = seed
    switch settings.method {
    case .uncertainty: state.values = kinds.map { _ in 0 }
    case .gradnorm: state.values = kinds.map { _ in 1 }
    default: break
    }
    state.firstMoments = state.values.map { _ in 0 }
    state.secondMoments = state.values.map { _ in 0 }
  }

  /// Takes up a state from a checkpoint.
  ///
  /// - Throws: `TrainingError` if it is of another method or number of tasks.
  package mutating func restore(_ other: State) throws {
    let fits =
      other.values.count == state.values.count
      && other.firstMoments.count == state.values.count
      && other.secondMoments.count == state.values.count
      && [0, kinds.count].contains(other.initialLosses.count) && other.history.count <= 2
      && other.history.allSatisfy { $0.count == kinds.count }
      && (0...1 << 40).contains(other.updates)
    guard fits else {
      throw TrainingError(
        "the checkpoint's task balancing does not fit \(settings.method.rawValue) with "
          + "\(kinds.count) tasks; resume with the run's own configuration")
    }
    state = other
  }

  /// Factors of the tasks' losses in step `step`.
  ///
  /// - Parameter losses: mean loss of each task, without its own weight.
  package func weights(for losses: [Float], step: Int) -> [Float] {
    let factors: [Double]
    switch settings.method {
    case .sum, .pcgrad:
      factors = ownWeights.map { _ in 1 }
    case .uncertainty:
      factors = zip(kinds, state.values).map { uncertaintyScale($0) * exp(-$1) }
    case .dwa:
      factors = dynamicWeightAverage()
    case .gls:
      // A task without weight is no factor of the product; a loss of 0 has no logarithm.
      let active = zip(weighted(losses), ownWeights).map { $1 > 0 ? max($0, 1e-12) : nil }
      let logs = active.compactMap { $0.map { log($0) } }
      let count = Double(logs.count)
      let mean = exp(logs.reduce(0, +) / count)
      factors = active.map { $0.map { mean / (count * $0) } ?? 0 }
    case .rlw:
      factors = randomWeights(step: step)
    case .gradnorm:
      factors = state.values
    }
    return zip(factors, ownWeights).map { Float($0 * $1) }
  }

  /// What the whole objective is worth at these losses and weights, for the log.
  package func total(of losses: [Float], weights: [Float]) -> Double {
    let terms = weighted(losses)
    switch settings.method {
    case .gls:
      let active = zip(terms, ownWeights).filter { $1 > 0 }.map { log(max($0.0, 1e-12)) }
      return exp(active.reduce(0, +) / Double(active.count))
    case .uncertainty:
      return zip(weights, losses).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        + state.values.reduce(0) { $0 + $1 / 2 }
    default:
      return zip(weights, losses).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
  }

  /// Whether `learn` needs ‖∂lossᵢ/∂W‖ of the last shared layer.
  package var needsGradientNorms: Bool { settings.method == .gradnorm }

  /// Updates what the method learns, once per optimiser step.
  ///
  /// - Parameter gradientNorms: per task, the norm of the unweighted loss's gradient in the last
  ///   shared layer; only for `gradnorm`.
  package mutating func learn(losses: [Float], gradientNorms: [Float]? = nil) {
    switch settings.method {
    case .uncertainty:
      // d/ds of c·exp(−s)·L + s/2, with c = 1/2 for a regression and log σ = s/2.
      let gradients = weighted(losses).enumerated().map { index, loss in
        0.5 - uncertaintyScale(kinds[index]) * exp(-state.values[index]) * loss
      }
      adam(gradients)
    case .gradnorm:
      guard let gradientNorms else { return }
      learnGradNorm(losses: losses, norms: gradientNorms)
    default:
      break
    }
  }

  /// Hands over the mean losses of an epoch that ended.
  package mutating func endEpoch(meanLosses: [Float]) {
    guard settings.method == .dwa else { return }
    state.history = Array((state.history + [weighted(meanLosses)]).suffix(2))
  }

  func weighted(_ losses: [Float]) -> [Double] {
    zip(losses, ownWeights).map { Double($0) * $1 }
  }

  private func uncertaintyScale(_ kind: TaskSettings.Kind) -> Double {
    kind == .regression ? 0.5 : 1
  }

  private func dynamicWeightAverage() -> [Double] {
    guard state.history.count == 2 else { return ownWeights.map { _ in 1 } }
    let ratios = zip(state.history[1], state.history[0]).map { $1 > 0 ? $0 / $1 : 1 }
    return softmax(ratios.map { $0 / settings.temperature }).map { $0 * Double(kinds.count) }
  }

  private func randomWeights(step: Int) -> [Double] {
    var random = CounterRandom(seed: seed, stream: UInt64(step))
    return softmax(kinds.map { _ in random.nextNormal() }).map { $0 * Double(kinds.count) }
  }
}

func softmax(_ values: [Double]) -> [Double] {
  let top = values.max() ?? 0
  let powers = values.map { exp($0 - top) }
  let sum = powers.reduce(0, +)
  return powers.map { $0 / sum }
}
