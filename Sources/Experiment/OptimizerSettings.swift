/// The optimiser and its constants, with PyTorch's meanings.
package struct OptimizerSettings: Equatable, Sendable {
  package enum Name: String, CaseIterable, Sendable { case sgd, adamw }

  package var name = Name.sgd
  /// Learning rate; the peak where the schedule is one-cycle.
  package var lr = 1e-4
  /// SGD's momentum.
  package var momentum = 0.09
  /// L2 penalty of SGD, decoupled decay of AdamW.
  package var weightDecay = 0.0
  package var nesterov = false
  /// AdamW's decay rates of the first and second moment.
  package var betas = [0.9, 0.999]
  package var eps = 1e-8

  package init() {}

  static let keys = ["name", "lr", "momentum", "weight_decay", "nesterov", "betas", "eps"]

  mutating func read(_ reader: MappingReader) throws {
    if let value = try reader.choice("name", Name.self) { name = value }
    if let value = try reader.double("lr") { lr = value }
    if let value = try reader.double("momentum") { momentum = value }
    if let value = try reader.double("weight_decay") { weightDecay = value }
    if let value = try reader.bool("nesterov") { nesterov = value }
    if let value = try reader.doubles("betas") { betas = value }
    if let value = try reader.double("eps") { eps = value }
  }

  func validate(_ checks: SettingChecks) throws {
    let path = "train.optimizer"
    try checks.positive("\(path).lr", lr, upTo: 1000)
    try checks.range("\(path).momentum", momentum, 0..<1)
    try checks.range("\(path).weight_decay", weightDecay, 0...1)
    guard betas.count == 2, betas.allSatisfy({ $0 >= 0 && $0 < 1 }) else {
      throw checks.error(
        "\(path).betas", expected: "two numbers from 0 to below 1", got: "\(betas)")
    }
    try checks.positive("\(path).eps", eps, upTo: 1)
    if nesterov, name != .sgd || momentum == 0 {
      throw checks.error(
        "\(path).nesterov", expected: "false without SGD's momentum", got: "true")
    }
  }

  var yaml: YAMLValue {
    .mapping([
      ("name", .plain(name.rawValue)), ("lr", .number(lr)), ("momentum", .number(momentum)),
      ("weight_decay", .number(weightDecay)), ("nesterov", .bool(nesterov)),
      ("betas", .doubles(betas)), ("eps", .number(eps)),
    ])
  }
}
