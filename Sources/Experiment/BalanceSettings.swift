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
    /// Gradient normalisation (Chen and others 2018).
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

  static let keys = ["method", "temperature", "alpha", "lr"]

  mutating func read(_ reader: MappingReader) throws {
    if let value = try reader.choice("method", Method.self) { method = value }
    if let value = try reader.double("temperature") { temperature = value }
    if let value = try reader.double("alpha") { alpha = value }
    if let value = try reader.double("lr") { lr = value }
  }

  func validate(_ checks: SettingChecks) throws {
    try checks.positive("train.balance.temperature", temperature)
    try checks.range("train.balance.alpha", alpha, 0...100)
    try checks.positive("train.balance.lr", lr, upTo: 100)
  }

  var yaml: YAMLValue {
    .mapping([
      ("method", .plain(method.rawValue)), ("temperature", .number(temperature)),
      ("alpha", .number(alpha)), ("lr", .number(lr)),
    ])
  }
}
