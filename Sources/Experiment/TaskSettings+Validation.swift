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
    try validateDistribution(path, checks)
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

  private func validateDistribution(_ path: String, _ checks: SettingChecks) throws {
    let plain = TaskSettings(name: name, kind: kind)
    let stray: [(key: String, isSet: Bool, isUsed: Bool, owner: String)] = [
      ("range", !range.isEmpty, isDistribution, "a regression with loss ce or dldl"),
      (
        "bin_width", binWidth != plain.binWidth, isDistribution, "a regression with loss ce or dldl"
      ),
      ("sigma", sigma != plain.sigma, loss == .dldl, "a regression with loss dldl"),
      (
        "expectation_weight", expectationWeight != plain.expectationWeight, isDistribution,
        "a regression with loss ce or dldl"
      ),
      ("answer", answer != plain.answer, isDistribution, "a regression with loss ce or dldl"),
    ]
    for (key, isSet, isUsed, owner) in stray where isSet && !isUsed {
      throw checks.error(
        "\(path).\(key)", expected: "it only in \(owner)",
        got: "it in a \(kind.rawValue) task with loss \(loss.rawValue)")
    }
    if isDistribution, range.count == 2, distributionBins == nil {
      throw checks.error(
        "\(path).range",
        expected:
          "\(DistributionBins.counts.lowerBound) to \(DistributionBins.counts.upperBound) values a "
          + "bin_width of \(binWidth) apart", got: "\(range[0]) to \(range[1])")
    }
  }
}
