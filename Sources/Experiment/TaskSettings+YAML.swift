extension TaskSettings {
  static let keys = [
    "name", "column", "kind", "classes", "bins", "loss", "weight", "positive_weight",
    "class_weights", "label_smoothing",
  ]

  init(_ reader: MappingReader) throws {
    let missing = { (key: String) in
      reader.source.error(
        reader.path, nil, expected: "the key \(key)", got: "a task without it")
    }
    guard let name = try reader.string("name") else { throw missing("name") }
    guard let kind = try reader.choice("kind", Kind.self) else { throw missing("kind") }
    self.init(
      name: name, column: try reader.string("column"), kind: kind,
      classes: try reader.int("classes"))
    if let node = reader.node("bins"), node.plain != "none" {
      guard let items = node.list else {
        throw reader.error("bins", node, expected: "a list of whole numbers, or none")
      }
      bins = try items.map { item in
        guard let value = item.plain.flatMap({ Int($0) }) else {
          throw reader.error("bins", item, expected: "a whole number")
        }
        return value
      }
      if classes == nil { classes = bins.count + 1 }
    }
    if let value = try reader.choice("loss", Loss.self) { loss = value }
    if let value = try reader.double("weight") { weight = value }
    if let value = try reader.double("positive_weight") { positiveWeight = value }
    if let node = reader.node("class_weights") {
      switch node.plain {
      case "none": classWeights = .none
      case "balanced": classWeights = .balanced
      case nil where node.list != nil:
        classWeights = .list(try reader.doubles("class_weights") ?? [])
      default:
        throw reader.error("class_weights", node, expected: "balanced, none or a list of numbers")
      }
    }
    if let value = try reader.double("label_smoothing") { labelSmoothing = value }
  }

  /// Checks ranges and how the values fit together.
  ///
  /// - Parameter path: what errors call the task.
  package func validate(_ path: String, _ checks: SettingChecks) throws {
    for (key, text) in [("name", name), ("column", column)] {
      guard (1...32).contains(text.utf8.count), text.utf8.allSatisfy(isNameByte) else {
        throw checks.error(
          "\(path).\(key)", expected: "1 to 32 letters, digits and underscores", got: quoted(text))
      }
    }
    let losses = Self.losses(of: kind)
    guard losses.contains(loss) else {
      throw checks.error(
        "\(path).loss",
        expected: "one of \(losses.map(\.rawValue).joined(separator: ", ")) for a "
          + "\(kind.rawValue) task", got: loss.rawValue)
    }
    try checks.range("\(path).weight", weight, 0...1e6)
    try checks.positive("\(path).positive_weight", positiveWeight)
    try checks.range("\(path).label_smoothing", labelSmoothing, 0..<1)
    try validateClasses(path, checks)
  }

  private func validateClasses(_ path: String, _ checks: SettingChecks) throws {
    guard kind == .categorical else {
      let stray =
        classes != nil
        ? "classes"
        : !bins.isEmpty
          ? "bins"
          : classWeights != .none
            ? "class_weights" : labelSmoothing != 0 ? "label_smoothing" : nil
      if let stray {
        throw checks.error(
          "\(path).\(stray)", expected: "it only in a categorical task",
          got: "it in a \(kind.rawValue) task")
      }
      if kind != .binary, positiveWeight != 1 {
        throw checks.error(
          "\(path).positive_weight", expected: "it only in a binary task",
          got: "it in a \(kind.rawValue) task")
      }
      return
    }
    guard positiveWeight == 1 else {
      throw checks.error(
        "\(path).positive_weight", expected: "it only in a binary task",
        got: "it in a categorical task")
    }
    guard let classes else {
      throw checks.error(path, expected: "the key classes or bins", got: "a task without them")
    }
    try checks.range("\(path).classes", classes, 2...1000)
    if !bins.isEmpty {
      guard zip(bins, bins.dropFirst()).allSatisfy({ $0 < $1 }), bins.count + 1 == classes else {
        throw checks.error(
          "\(path).bins", expected: "\(classes - 1) ascending numbers for \(classes) classes",
          got: "\(bins)")
      }
    }
    if case .list(let weights) = classWeights {
      guard weights.count == classes, weights.allSatisfy({ $0 >= 0 && $0 <= 1e6 }),
        weights.contains(where: { $0 > 0 })
      else {
        throw checks.error(
          "\(path).class_weights", expected: "\(classes) numbers from 0 to 1000000, not all 0",
          got: "\(weights)")
      }
    }
  }

  private func isNameByte(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
      || byte == UInt8(ascii: "_")
  }

  var yaml: YAMLValue {
    var pairs: [(key: String, value: YAMLValue)] = [
      ("name", .text(name)), ("column", .text(column)), ("kind", .plain(kind.rawValue)),
    ]
    if let classes { pairs.append(("classes", .number(classes))) }
    if !bins.isEmpty { pairs.append(("bins", .list(bins.map { .number($0) }))) }
    pairs += [("loss", .plain(loss.rawValue)), ("weight", .number(weight))]
    if kind == .binary { pairs.append(("positive_weight", .number(positiveWeight))) }
    if kind == .categorical {
      switch classWeights {
      case .none: pairs.append(("class_weights", .plain("none")))
      case .balanced: pairs.append(("class_weights", .plain("balanced")))
      case .list(let weights): pairs.append(("class_weights", .doubles(weights)))
      }
      pairs.append(("label_smoothing", .number(labelSmoothing)))
    }
    return .mapping(pairs)
  }
}
