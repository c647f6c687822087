/// How the losses of the tasks are weighed against each other.
package struct BalanceSettings: Equatable, Sendable {
  package enum Method: String, CaseIterable, Sendable {
    /// The sum with each task's own weight.
    case sum
    /// Learned uncertainty (Kendall, Gal, Cipolla 2018).
    case uncertainty
    /// Dynamic weight average (Liu, Johns, Davison 2019).
    case dwa
    /// Geometric loss (Chennupati and others 2019).
    case gls
    /// Random loss weights (Lin and others 2022).
    case rlw
    /// Gradient normalization (Chen and others 2018).
    case gradnorm
    /// Projection of conflicting gradients (Yu and others 2020).
    case pcgrad
    /// Fast adaptive multitask optimization (Liu and others 2023).
    case famo
    /// Impartial multi-task learning by gradients (Liu and others 2021).
    case imtlG = "imtl_g"
  }

  package var method = Method.sum
  /// DWA's softmax temperature.
  package var temperature = 2.0
  /// GradNorm's restoring force.
  package var alpha = 1.5
  /// Learning rate of learned weights: log σ² of `uncertainty`, the weights of
  /// `gradnorm`, the logits of `famo`.
  package var lr = 0.025

  package init() {}
}
