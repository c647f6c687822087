/// How the learning rate changes over a run.
package struct ScheduleSettings: Equatable, Sendable {
  package enum Name: String, CaseIterable, Sendable {
    case constant
    /// Times `gamma` every `stepEpochs` epochs.
    case step
    /// Half a cosine from `lr` down to `lr · minimumFactor`.
    case cosine
    /// PyTorch's OneCycleLR: up to `lr`, then far below, momentum the other way round.
    case oneCycle = "one_cycle"
  }

  package var name = Name.oneCycle
  /// Epochs over which the rate rises in a line, before the schedule; not for one-cycle.
  package var warmupEpochs = 0.0
  package var gamma = 0.1
  package var stepEpochs = 30.0
  package var minimumFactor = 0.0
  /// One-cycle: share of the steps that rise.
  package var percentStart = 0.3
  /// One-cycle: peak / first rate.
  package var divFactor = 25.0
  /// One-cycle: first rate / last rate.
  package var finalDivFactor = 1e4
  /// One-cycle: whether momentum (or beta1) falls while the rate rises.
  package var cycleMomentum = true
  package var baseMomentum = 0.85
  package var maxMomentum = 0.95

  package init() {}
}
