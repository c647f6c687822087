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

  package var name = Name.constant
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

  static let keys = [
    "name", "warmup_epochs", "gamma", "step_epochs", "minimum_factor", "percent_start",
    "div_factor", "final_div_factor", "cycle_momentum", "base_momentum", "max_momentum",
  ]

  mutating func read(_ reader: MappingReader) throws {
    if let value = try reader.choice("name", Name.self) { name = value }
    if let value = try reader.double("warmup_epochs") { warmupEpochs = value }
    if let value = try reader.double("gamma") { gamma = value }
    if let value = try reader.double("step_epochs") { stepEpochs = value }
    if let value = try reader.double("minimum_factor") { minimumFactor = value }
    if let value = try reader.double("percent_start") { percentStart = value }
    if let value = try reader.double("div_factor") { divFactor = value }
    if let value = try reader.double("final_div_factor") { finalDivFactor = value }
    if let value = try reader.bool("cycle_momentum") { cycleMomentum = value }
    if let value = try reader.double("base_momentum") { baseMomentum = value }
    if let value = try reader.double("max_momentum") { maxMomentum = value }
  }

  func validate(_ checks: SettingChecks) throws {
    let path = "train.schedule"
    try checks.range("\(path).warmup_epochs", warmupEpochs, 0...10_000)
    try checks.positive("\(path).gamma", gamma, upTo: 1)
    try checks.positive("\(path).step_epochs", stepEpochs)
    try checks.range("\(path).minimum_factor", minimumFactor, 0...1)
    try checks.range("\(path).percent_start", percentStart, 0...1)
    try checks.positive("\(path).div_factor", divFactor)
    try checks.positive("\(path).final_div_factor", finalDivFactor, upTo: 1e12)
    try checks.range("\(path).base_momentum", baseMomentum, 0..<1)
    try checks.range("\(path).max_momentum", maxMomentum, 0..<1)
    if name == .oneCycle, warmupEpochs > 0 {
      throw checks.error(
        "\(path).warmup_epochs", expected: "0 for one_cycle, which has its own rise",
        got: "\(warmupEpochs)", hint: "set percent_start")
    }
  }

  var yaml: YAMLValue {
    var pairs: [(key: String, value: YAMLValue)] = [
      ("name", .plain(name.rawValue)), ("warmup_epochs", .number(warmupEpochs)),
    ]
    // Only what the schedule uses, or what was changed: the reader of the file need not wonder.
    let plain = ScheduleSettings()
    func add(_ key: String, _ value: Double, _ used: Bool, _ unchanged: Double) {
      if used || value != unchanged { pairs.append((key, .number(value))) }
    }
    add("gamma", gamma, name == .step, plain.gamma)
    add("step_epochs", stepEpochs, name == .step, plain.stepEpochs)
    add("minimum_factor", minimumFactor, name == .cosine, plain.minimumFactor)
    let isCycle = name == .oneCycle
    add("percent_start", percentStart, isCycle, plain.percentStart)
    add("div_factor", divFactor, isCycle, plain.divFactor)
    add("final_div_factor", finalDivFactor, isCycle, plain.finalDivFactor)
    if isCycle || !cycleMomentum { pairs.append(("cycle_momentum", .bool(cycleMomentum))) }
    add("base_momentum", baseMomentum, isCycle, plain.baseMomentum)
    add("max_momentum", maxMomentum, isCycle, plain.maxMomentum)
    return .mapping(pairs)
  }
}
