import Experiment
import Terminal

/// `RUN/model-card.md`: what a run's weights are, what they were made of, and how well they do, for
/// whoever is handed them.
///
/// The sections are those of Mitchell et al., "Model Cards for Model Reporting", FAT* 2019, section
/// 4. Every sentence is true of any tasks: what only people can know is left to them.
///
/// ```swift
/// let text = ModelCard(input).text()
/// ```
package struct ModelCard {
  let input: ModelCardInput
  var report: RunReportInput { input.report }

  package init(_ input: ModelCardInput) { self.input = input }

  /// The whole card, Markdown in UTF-8.
  package func text() -> String {
    let sections: [(title: String, content: MarkdownText)] = [
      ("Model details", details()), ("Intended use", use()), ("Factors", factors()),
      ("Metrics", metrics()), ("Evaluation data", evaluationData()),
      ("Training data", trainingData()), ("Quantitative analyses", analyses()),
      ("Ethical considerations", ethics()), ("Caveats and recommendations", caveats()),
    ]
    let body = sections.map { section -> MarkdownText in
      "## \(section.title)\n\n\(section.content)"
    }
    let card: MarkdownText = """
      # Model card: \(report.title)

      The sections are those of Mitchell et al., "Model Cards for Model Reporting" (2019). \
      \(report.program) made this file of the run's own files; `hydra-train report` makes it anew and \
      replaces it, so keep what you add in a file of another name.

      \(body)
      """
    // Sections end with an empty line.
    return card.text.split(separator: "\n", omittingEmptySubsequences: false).reversed()
      .drop(while: \.isEmpty).reversed().joined(separator: "\n") + "\n"
  }

  // MARK: what it is

  private func details() -> MarkdownText {
    let heads = list(input.tasks.map(\.name))
    let side = "\(input.imageSize)"
    let paper: MarkdownText =
      input.isAttention
      ? """
      The network is the trunk of He et al., "Deep Residual Learning for Image Recognition" (2016), \
      with the attention of Liu et al., "End-to-End Multi-Task Learning with Attention" (2019).
      """
      : """
      The network is the trunk of He et al., "Deep Residual Learning for Image Recognition" (2016), \
      with two linear layers for every task.
      """
    let rows = [["Weights", weightsText]] + report.provenance.map { [$0.label, $0.text] }
    return """
      \(input.network) with a head for \(heads): \(grouped(input.parameterCount)) parameters. It \
      reads one RGB image of \(side)×\(side) pixels.

      \(MarkdownText.table(["", ""], rows))\
      \(MarkdownText.table(["Task", "Column", "Answer", "Loss"], input.tasks.map(row)))\
      \(paper) All settings of the training are in the run's `config.yaml`. Neither a license of \
      the weights nor a person to ask is known to this program: whoever passes them on says both.


      """
  }

  private var weightsText: String {
    let done = report.history.epochs.last?.epoch ?? 0
    guard let best = input.best else { return input.weights }
    return "\(input.weights), after epoch \(best.epoch) of \(done), the best by \(input.bestMetric)"
  }

  private func row(_ task: TaskSettings) -> [String] {
    [task.name, task.column, answer(of: task), task.loss.rawValue]
  }

  private func answer(of task: TaskSettings) -> String {
    let unit = report.units[task.name].map { " in \($0)" } ?? ""
    switch task.kind {
    case .regression:
      guard let bins = task.distributionBins else { return "a number\(unit)" }
      return "a number\(unit): the \(task.answer.rawValue) of a distribution over \(bins.count) "
        + "values from \(number(bins.first)) to \(number(bins.value(bins.count - 1)))"
    case .binary, .categorical:
      let count = task.kind == .binary ? 2 : task.classes ?? 0
      return "one of \(count) classes: \(classList(of: task, count: count))"
    }
  }

  /// More would make a line that nobody reads.
  private static let mostNames = 20

  private func classList(of task: TaskSettings, count: Int) -> String {
    let names = (0..<min(count, Self.mostNames)).map { className($0, of: task) }
    return names.joined(separator: ", ")
      + (count > names.count ? " and \(count - names.count) more" : "")
  }

  /// A class's name; that of a group of values where bins make the classes.
  private func className(_ index: Int, of task: TaskSettings) -> String {
    guard !task.bins.isEmpty else { return input.classNames.name(of: index, task: task.name) }
    let low = index > 0 && index <= task.bins.count ? "\(task.bins[index - 1])" : nil
    let high = index < task.bins.count ? "\(task.bins[index])" : nil
    return switch (low, high) {
    case (let low?, let high?): "\(low) to below \(high)"
    case (let low?, nil): "\(low) and more"
    case (nil, let high?): "below \(high)"
    case (nil, nil): "\(index)"
    }
  }

  // MARK: what it is for

  private func use() -> MarkdownText {
    let people: MarkdownText =
      personalTasks.isEmpty
      ? ""
      : """
       Out of scope is any decision about a person, and any use that finds out about people who did \
      not agree to it.
      """
    return """
      The weights answer \(list(input.tasks.map(\.name))) for images that are cut out, scaled and \
      lit as those of the training data are. They are measured on such images alone, and nothing \
      here says how well they do on others; `hydra-train evaluate` measures them on a store of your \
      own. Out of scope are images of another kind, and answers that nobody checks where an error \
      does harm.\(people)


      """
  }

  private func factors() -> MarkdownText {
    let groups = report.evaluation?.analyses.map(\.title) ?? []
    let measured: MarkdownText =
      groups.isEmpty
      ? "No figures by group are in this card. "
      : "The figures below are also given by \(list(groups)). "
    return """
      \(measured)What the store has no label for, such as light, sharpness, or how the image was \
      taken, was not looked at. `hydra-train evaluate --by COLUMNS` gives all figures by any columns \
      of a store.


      """
  }

  private func metrics() -> MarkdownText {
    var lines: [MarkdownText] = []
    if input.tasks.contains(where: { $0.kind == .regression }) {
      lines.append(
        "- Of numbers: mean absolute error (MAE), root mean squared error (RMSE), mean of answer minus truth (bias), and the shares of answers that are off by at most 1, 5 and 10.\n"
      )
    }
    if input.tasks.contains(where: { $0.kind != .regression }) {
      lines.append(
        "- Of classes: share of right answers (accuracy), mean of the classes' recalls (balanced accuracy), F1, and how far the stated probability is from how often the answer is right (calibration error, Guo et al. 2017).\n"
      )
    }
    if input.tasks.contains(where: { $0.kind == .binary }) {
      lines.append(
        "- Of two classes also the area under the ROC curve (AUC); by group, the rates that fairness is judged by. Class 1 is answered where its probability is above one half.\n"
      )
    }
    if report.overall != nil {
      lines.append(
        "- In brackets or a column of their own: the interval that 95 % of 1,000 resamples of the images fall into (percentile bootstrap, Efron 1979).\n"
      )
    }
    return "\(lines)\n"
  }

  // MARK: data

  private func evaluationData() -> MarkdownText {
    guard let evaluation = report.evaluation else {
      let figures: MarkdownText =
        input.best?.validation.isEmpty == false
        ? "The figures are those that the run logged for its validation split after the epoch. "
        : "The run had no images to validate on: the figures are those of its training images. "
      return "\(figures)\(storeText)\n\n"
    }
    let fold: MarkdownText = input.fold.map { "fold \("\($0)") of the store" } ?? "the store's own"
    return """
      The \(grouped(evaluation.sampleCount)) images of the split \(evaluation.split), \(fold). \
      \(storeText) The epoch was chosen on them, so that the figures are slightly better than on \
      images that chose nothing.


      """
  }

  private var storeText: MarkdownText {
    "The store and its hashes are named above; its metadata say how it was split, and which files were left out."
  }

  private func trainingData() -> MarkdownText {
    let count: MarkdownText =
      input.trainingCount.map { "The \(grouped($0)) images of the split train of that store." }
      ?? "The split train of that store; its size is not known here."
    var tables: [MarkdownText] = []
    for (task, counts) in zip(input.tasks, input.classCounts) where !counts.isEmpty {
      let total = max(1, counts.reduce(0, +))
      let rows = counts.enumerated().prefix(Self.mostNames).map { index, count in
        [className(index, of: task), grouped(count), percent(Double(count) / Double(total))]
      }
      tables.append(MarkdownText.table([task.name, "images", "share"], rows, numbers: true))
      if counts.count > rows.count {
        tables.append("\(grouped(counts.count - rows.count)) more classes are left out.\n\n")
      }
    }
    return "\(count)\n\n\(tables)"
  }

  // MARK: what to mind

  /// Columns whose values say something about a person, whatever the data set.
  private static let personalColumns: Set = [
    "age", "gender", "sex", "race", "ethnicity", "skin_tone", "skin_type", "identity", "emotion",
    "attractive", "religion", "disability", "nationality",
  ]

  private var personalTasks: [String] {
    input.tasks.filter { Self.personalColumns.contains($0.column) }.map(\.name)
  }

  private func ethics() -> MarkdownText {
    let personal = personalTasks
    guard !personal.isEmpty else {
      return """
        Whether \(list(input.tasks.map(\.name))) say something about people, and what follows from \
        that, is not known to this program: whoever made the data says so.


        """
    }
    return """
      \(capitalized(list(personal))) \(personal.count == 1 ? "is" : "are") what a label says of a \
      person, not what the person says: a label may be a guess from the picture, and the classes are \
      fewer than people are. The answers repeat what the labels say, errors and leanings included. \
      Where a group has few images, or other errors than the rest, the weights serve it worse; the \
      tables by group say by how much. Whether the people on the images agreed to this use, and \
      which terms the images have, is not known to this program: whoever made the data says so.


      """
  }

  private func caveats() -> MarkdownText {
    var lines = (report.history.notes + report.notes).map { note -> MarkdownText in
      "- Note: \(note)\n"
    }
    if input.tasks.contains(where: { $0.kind != .regression }) {
      lines.append(
        input.isCalibrated
          ? "- A calibration lies beside the weights, and `predict` follows it; the figures here are of the weights without it.\n"
          : "- The probabilities are not calibrated; `hydra-train calibrate` does that, and gives intervals and sets with a stated coverage.\n"
      )
    }
    lines.append(
      "- One run with one seed: another seed gives slightly other figures, by group even more so.\n"
    )
    if report.evaluation?.analyses.isEmpty == false {
      lines.append(
        "- Two groups whose intervals overlap widely may differ by chance; groups of fewer than \("\(GroupAnalysis.fewestInGaps)") images, marked with \("*"), are left out of gaps.\n"
      )
    }
    lines.append(
      "- Before use, measure the weights on images of the place where they are to be used.\n")
    return "\(lines)\n"
  }
}

extension ModelCard {
  /// "a", "a and b", "a, b and c".
  func list(_ names: [String]) -> String {
    guard names.count > 1, let last = names.last else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " and " + last
  }

  private func capitalized(_ text: String) -> String { HeadlineCards.capitalized(text) }

  private func number(_ value: Double) -> String {
    Int(exactly: value).map { "\($0)" } ?? "\(value)"
  }
}
