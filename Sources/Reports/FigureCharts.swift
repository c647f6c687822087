import Experiment

/// The charts of one run, with both splits in one chart where both have the figure.
struct FigureCharts {
  let history: RunHistory
  let best: Int?

  /// The losses, each task's headline figure, and how the run was driven.
  func mainCards() -> [Markup] {
    let keys = Set(names.map(\.key))
    let tasks = FigureName.tasks(in: keys)
    let losses = names.filter { $0.metric == "loss" }
    let headlines = tasks.compactMap { FigureName.headline(of: $0, in: keys) }
      .filter { $0.metric != "loss" }
    let drive = [
      weights(), single("Learning rate") { $0.learningRate },
      single("Training images a second") { $0.imagesPerSecond },
    ]
    return (losses + headlines).compactMap(chart) + drive.compactMap(\.self)
  }

  /// All other figures.
  func moreCards() -> [Markup] {
    let keys = Set(names.map(\.key))
    let tasks = FigureName.tasks(in: keys)
    let headlines = tasks.compactMap { FigureName.headline(of: $0, in: keys) }
    let others = names.filter { name in
      !["loss", "weight"].contains(name.metric) && !headlines.contains(name)
    }
    return others.compactMap(chart)
  }

  /// All figures of either split: the sum before the tasks', tasks in alphabetical order.
  private var names: [FigureName] {
    let keys = Set(history.epochs.flatMap { Array($0.train.keys) + $0.validation.keys })
    return keys.map(FigureName.init).sorted { ($0.task, $0.key) < ($1.task, $1.key) }
  }

  /// The weights of the tasks' losses in one chart, if a balancing method moved them.
  private func weights() -> Markup? {
    let series = names.filter { $0.metric == "weight" }.enumerated().map { index, name in
      LineChart.Series(
        name: name.task, color: "\(index % 8)", isDashed: index >= 8,
        points: points { $0.train[name.key] })
    }
    guard series.contains(where: { Set($0.points.map(\.value)).count > 1 }) else { return nil }
    return LineChart(
      title: "Loss weights", series: series, best: best
    ).card()
  }

  private func chart(_ figure: FigureName) -> Markup? {
    let chart = LineChart(
      title: HeadlineCards.capitalized(figure.title),
      series: [
        .init(
          name: "train", color: "train", isBold: false,
          points: points { $0.train[figure.key] }),
        .init(
          name: "validation", color: "accent", mark: best,
          points: points { $0.validation[figure.key] }),
      ], style: figure.style, mayBeLogarithmic: figure.metric == "loss", best: best)
    return chart.card()
  }

  private func single(_ title: String, _ value: (EpochRecord) -> Double?) -> Markup? {
    LineChart(
      title: title, series: [.init(name: "by epoch", color: "accent", points: points(value))]
    ).card()
  }

  private func points(_ value: (EpochRecord) -> Double?) -> [(epoch: Int, value: Double)] {
    history.epochs.compactMap { epoch in
      value(epoch).flatMap { $0.isFinite ? (epoch.epoch, $0) : nil }
    }
  }
}
