import Terminal

extension Evaluation {
  /// The evaluation as tables for a person.
  ///
  /// - Parameter columns: the most characters in a line of a table.
  package func lines(columns: Int = .max) -> [String] {
    var sections = [summary.flatMap { folded($0, columns: columns) }]
    for (task, metrics) in zip(tasks, metrics) {
      switch metrics {
      case .regression(let metrics):
        sections.append(decades(task.name, metrics).lines(columns: columns))
      case .categorical(let metrics):
        sections.append(confusion(task.name, metrics.confusion).lines(columns: columns))
      case .binary: break
      }
    }
    sections += analyses.map { $0.lines(columns: columns) }
    return Array(sections.joined(separator: [""]))
  }

  private var summary: [String] {
    var lines = [
      (split == "test" ? "the test split: " : "")
        + "\(grouped(sampleCount)) images, loss \(fixed(loss, 4)), "
        + "\(rateText(imagesPerSecond)) images/s"
    ]
    lines += remarks
    for (index, task) in tasks.enumerated() {
      guard metrics[index].count > 0 else {
        lines.append("\(task.name): no image has the label")
        continue
      }
      let figures: [String]
      switch metrics[index] {
      case .regression(let m):
        figures = [
          "MAE \(fixed(m.mae, 3))", "RMSE \(fixed(m.rmse, 3))", "bias \(fixed(m.bias, 2))",
          "within 1/5/10: \(percent(m.within1)) / \(percent(m.within5)) / \(percent(m.within10))",
        ]
      case .binary(let m):
        figures = [
          "accuracy \(percent(m.accuracy, decimals: 2))",
          "balanced \(percent(m.balancedAccuracy, decimals: 2))", "F1 \(fixed(m.f1, 4))",
          "AUC \(m.auc.map { fixed($0, 4) } ?? "–")",
        ]
      case .categorical(let m):
        figures = [
          "accuracy \(percent(m.accuracy, decimals: 2))",
          "balanced \(percent(m.balancedAccuracy, decimals: 2))",
          "macro F1 \(fixed(m.macroF1, 4))",
        ]
      }
      let calibration = reliability[index].map {
        ["calibration error \(percent($0.expectedCalibrationError, decimals: 2))"]
      }
      lines.append(
        "\(task.name): loss \(fixed(losses[index], 4)), "
          + (figures + (calibration ?? [])).joined(separator: ", "))
    }
    return lines
  }

  private func decades(_ name: String, _ metrics: RegressionMetrics) -> TextTable {
    var table = TextTable(header: [name, "images", "MAE"], alignment: [.left, .right, .right])
    for decade in metrics.decades {
      table.append(
        [decade.title, grouped(decade.count), fixed(decade.mae, 2)])
    }
    return table
  }

  private func confusion(_ name: String, _ counts: [[Int]]) -> TextTable {
    let names = counts.indices.map { classNames.name(of: $0, task: name) }
    var table = TextTable(
      header: ["\(name) \\ predicted"] + names, alignment: [.left] + counts.map { _ in .right })
    for (label, row) in zip(names, counts) { table.append([label] + row.map(grouped)) }
    return table
  }
}
