extension TaskSettings {
  /// Checks ranges and how the values fit together.
  ///
  /// - Parameter path: what errors call the task.
  package func validate(_ path: String, _ checks: SettingChecks) throws {
    try Self.table.check(self, checks, path: path)
    let losses = Self.losses(of: kind)
    guard losses.contains(loss) else {
      throw checks.error(
        "\(path).loss",
        expected: "one of \(losses.map(\.rawValue).joined(separator: ", ")) for a "
          + "\(kind.rawValue) task", got: loss.rawValue)
    }
    let stray: [(key: String, isSet: Bool, kind: Kind)] = [
      ("classes", classes != nil, .categorical), ("bins", !bins.isEmpty, .categorical),
      ("class_weights", classWeights != .none, .categorical),
      ("label_smoothing", labelSmoothing != 0, .categorical),
      ("positive_weight", positiveWeight != 1, .binary),
    ]
    for (key, isSet, owner) in stray where isSet && owner != kind {
      throw checks.error(
        "\(path).\(key)", expected: "it only in a \(owner.rawValue) task",
        got: "it in a \(kind.rawValue) task")
    }
    guard kind == .categorical else { return }
    guard let classes else {
      throw checks.error(path, expected: "the key classes or bins", got: "a task without them")
    }
    guard bins.isEmpty || bins.count + 1 == classes else {
      throw checks.error(
        "\(path).bins", expected: "\(classes - 1) ascending numbers for \(classes) classes",
        got: "\(bins)")
    }
    if case .list(let weights) = classWeights, weights.count != classes {
      throw checks.error(
        "\(path).class_weights", expected: "\(classes) numbers", got: "\(weights.count)")
    }
  }
}
