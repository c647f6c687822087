import Experiment
import Foundation

/// Learning rate and momentum of every optimizer step: a pure function of the step, so that a
/// resumed run needs nothing but its number.
///
/// `constant`, `step` and `cosine` begin after a linear warm-up. `one_cycle` is Smith and Topin's
/// (2018) as PyTorch's `OneCycleLR` computes it, cosine annealing in two phases.
package struct LearningRateSchedule: Sendable {
  private let settings: ScheduleSettings
  private let peak: Double
  private let momentum: Double
  private let stepsPerEpoch: Double
  private let totalSteps: Int

  /// - Parameters:
  ///   - stepsPerEpoch: optimizer steps in an epoch, at least 1.
  ///   - epochs: epochs of the whole run, which one-cycle and cosine need to know their end.
  package init(
    _ settings: ScheduleSettings, optimizer: OptimizerSettings, stepsPerEpoch: Int, epochs: Int
  ) {
    precondition(stepsPerEpoch > 0 && epochs > 0, "a schedule needs steps")
    self.settings = settings
    peak = optimizer.lr
    momentum = optimizer.name == .sgd ? optimizer.momentum : optimizer.betas[0]
    self.stepsPerEpoch = Double(stepsPerEpoch)
    totalSteps = stepsPerEpoch * epochs
  }

  /// The rate of step `step`, counted from 0.
  package func rate(at step: Int) -> Double {
    let warmup = settings.warmupEpochs * stepsPerEpoch
    if settings.name != .oneCycle, Double(step) < warmup {
      return peak * min(1, (Double(step) + 1) / warmup)
    }
    let after = Double(step) - warmup
    switch settings.name {
    case .constant:
      return peak
    case .step:
      return peak
        * pow(settings.gamma, (after / (settings.stepEpochs * stepsPerEpoch)).rounded(.down))
    case .cosine:
      let length = max(1, Double(totalSteps) - warmup)
      let low = peak * settings.minimumFactor
      return anneal(from: peak, to: low, share: min(1, after / length))
    case .oneCycle:
      let first = peak / settings.divFactor
      let last = first / settings.finalDivFactor
      return oneCycle(at: step, first: first, middle: peak, last: last)
    }
  }

  /// Momentum (AdamW: beta1) of step `step`.
  package func momentum(at step: Int) -> Double {
    guard settings.name == .oneCycle, settings.cycleMomentum, momentum > 0 else { return momentum }
    return oneCycle(
      at: step, first: settings.maxMomentum, middle: settings.baseMomentum,
      last: settings.maxMomentum)
  }

  private func oneCycle(at step: Int, first: Double, middle: Double, last: Double) -> Double {
    let turn = settings.percentStart * Double(totalSteps) - 1
    let end = Double(totalSteps - 1)
    let position = Double(min(step, totalSteps - 1))
    if position <= turn {
      return anneal(from: first, to: middle, share: turn > 0 ? position / turn : 1)
    }
    return anneal(from: middle, to: last, share: end > turn ? (position - turn) / (end - turn) : 1)
  }

  private func anneal(from start: Double, to end: Double, share: Double) -> Double {
    end + (start - end) / 2 * (cos(.pi * share) + 1)
  }
}
