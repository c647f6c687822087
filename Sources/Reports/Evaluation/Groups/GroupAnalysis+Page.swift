import Experiment
import Terminal

extension GroupAnalysis {
  /// A card for every task: a row a group, its main figures with their 95 % intervals. None for a
  /// task by its own classes, which its confusion matrix shows.
  func cards(of tasks: [TaskSettings]) -> [Markup] {
    shown(of: tasks).map(\.name).map { task in
      let metrics = mainMetrics(of: task)
      let header = metrics.map { name -> Markup in "<th>\(FigureName(name).title)</th>" }
      let rows = groups.map { group -> Markup in
        let figures = metrics.map { group.figure(task, $0) }
        let cells = figures.map { figure -> Markup in
          "<td>\(figure.map(Self.cell) ?? "–")</td>"
        }
        let count = figures.compactMap { $0?.count }.first ?? 0
        return
          "<tr><td>\(group.names.joined(separator: ", "))</td><td>\(grouped(count))\(count < Self.fewestInGaps ? "*" : "")</td>\(cells)</tr>\n"
      }
      let differences = metrics.map { name -> Markup in
        let gap = gaps.first { $0.task == task && $0.metric == name }
        return "<td>\(gap.map { Self.text(name, $0.value) } ?? "–")</td>"
      }
      return """
        <div class="card wide"><h3>\(HeadlineCards.capitalized(task)) by \(title)\
        <small>95 % intervals in brackets\(hasFew ? "; * \(Self.fewNote)" : "")</small></h3><div class="scroll"><table class="rows">\
        <tr><th>\(title)</th><th>images</th>\(header)</tr>\(rows)\
        <tr><td>gap</td><td></td>\(differences)</tr></table></div></div>

        """
    }
  }

  /// The tasks that the groups say something about: not one by its own classes.
  func shown(of tasks: [TaskSettings]) -> [TaskSettings] {
    tasks.filter { $0.kind == .regression || [$0.column] != columns }
  }

  /// The task's figures that tables for people have.
  func mainMetrics(of task: String) -> [String] {
    metrics(of: task).filter(Self.onPage.contains)
  }

  private static let onPage = [
    "mae", "bias", "within_5", "accuracy", "macro_f1", "selection_rate", "true_positive_rate",
    "false_positive_rate",
  ]
}
