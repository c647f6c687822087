extension TaskSettings {
  /// Every setting of a task.
  package static let table = SettingTable<TaskSettings>([
    Setting("name", \.name, name, "Names the head in logs, metrics and freezing; required."),
    Setting("column", \.column, name, "Label column of the store; left out, the task's name."),
    Setting("kind", \.kind, .choice, "What the head gives; required."),
    Setting(
      "classes", \.classes, SettingType.int(2...1000).orNothing,
      "Number of classes of a categorical task; left out, one more than bins."),
    Setting(
      "bins", \.bins, bins,
      "Ascending label values that cut the column into classes: a label below the first is class 0."
    ),
    Setting(
      "loss", \.loss, .choice,
      "l1, smooth_l1 or mse for a regression, ce or dldl for the distribution of its number, bce for "
        + "a binary task, ce for a categorical one."),
    Setting("weight", \.weight, .number(0...1e6), "Factor of the loss in the sum over tasks."),
    Setting(
      "positive_weight", \.positiveWeight, .number(above: 0),
      "Binary: factor of the positive samples.", isUsed: { $0.kind == .binary }),
    Setting(
      "class_weights", \.classWeights, ClassWeights.setting,
      "Categorical: weights of the classes; balanced: from the training labels' counts.",
      isUsed: { $0.kind == .categorical }),
    Setting(
      "label_smoothing", \.labelSmoothing, .number(0..<1),
      "Categorical: share of the target that is spread over all classes.",
      isUsed: { $0.kind == .categorical }),
    Setting(
      "range", \.range, ColumnSettings.range,
      "Distribution: the least and the largest value; a label beyond counts as its end. Left out, "
        + "those of the store's column, or else of the training labels."),
    Setting(
      "bin_width", \.binWidth, .number(above: 0), "Distribution: distance of two values.",
      isUsed: \.isDistribution),
    Setting(
      "sigma", \.sigma, .number(above: 0), "dldl: standard deviation of the labels' Gaussians.",
      isUsed: { $0.loss == .dldl }),
    Setting(
      "expectation_weight", \.expectationWeight, .number(0...1e6),
      "Distribution: factor of |expectation - label| in the loss.", isUsed: \.isDistribution),
    Setting(
      "answer", \.answer, .choice, "Distribution: the number that it is read as.",
      isUsed: \.isDistribution),
  ])

  /// What is written where nothing else is said.
  private static let plain = TaskSettings(name: "", kind: .regression)

  private static let name = SettingType<String>(
    "1 to 63 letters, digits and underscores", read: { node, _ in node.isNull ? nil : node.text },
    accepts: { (1...63).contains($0.utf8.count) && $0.utf8.allSatisfy(isNameByte) },
    write: { .text($0) })

  private static let bins = SettingType<[Int]>(
    "a list of ascending whole numbers", "or none",
    read: { node, _ in
      if node.plain == "none" { return [] }
      let items = node.list?.map { $0.plain.flatMap { Int($0) } }
      return items.flatMap { $0.contains(nil) ? nil : $0.compactMap { $0 } }
    }, accepts: { zip($0, $0.dropFirst()).allSatisfy { $0 < $1 } },
    write: { $0.isEmpty ? nil : .list($0.map { .number($0) }) })

  /// A list of tasks; empty stands for every label column, and is not written.
  static let list = SettingType<[TaskSettings]>(
    "a list of 1 to 64 mappings",
    read: { node, place in
      guard let items = node.list, !items.isEmpty else { return nil }
      return try items.enumerated().map { index, item in
        try TaskSettings(item, SettingPlace(name: "\(place.name)[\(index)]", source: place.source))
      }
    }, accepts: { $0.count <= 64 },
    write: { tasks in
      tasks.isEmpty ? nil : .list(tasks.map { .mapping(table.yaml($0, default: plain)) })
    })

  private init(_ node: SettingNode, _ place: SettingPlace) throws {
    var task = Self.plain
    let source = place.source ?? SettingSource(file: "")
    let given = try Self.table.read(node, into: &task, path: place.name, source: source)
    for key in ["name", "kind"] where !given.contains(key) {
      throw source.error(
        place.name, node.line, expected: "the key \(key)", got: "a task without it")
    }
    if !given.contains("column") { task.column = task.name }
    if !given.contains("loss") { task.loss = Self.losses(of: task.kind)[0] }
    if task.classes == nil, !task.bins.isEmpty { task.classes = task.bins.count + 1 }
    self = task
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
      || byte == UInt8(ascii: "_")
  }
}

extension TaskSettings.ClassWeights {
  static let setting = SettingType<Self>(
    "balanced, none or a list of numbers from 0 to 1000000, not all 0",
    words: ["balanced", "none"],
    read: { node, _ in
      switch node.plain {
      case "none": return Self.none
      case "balanced": return .balanced
      default:
        let numbers = node.list?.map(\.number)
        return numbers.flatMap { $0.contains(nil) ? nil : .list($0.compactMap { $0 }) }
      }
    },
    accepts: { weights in
      guard case .list(let numbers) = weights else { return true }
      return numbers.allSatisfy { (0...1e6).contains($0) } && numbers.contains { $0 > 0 }
    },
    write: { weights in
      switch weights {
      case .none: .plain("none")
      case .balanced: .plain("balanced")
      case .list(let numbers): .doubles(numbers)
      }
    })
}
