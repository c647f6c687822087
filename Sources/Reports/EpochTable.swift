import Experiment
import Terminal

/// All figures of all epochs, a row an epoch.
struct EpochTable {
  private let history: RunHistory
  private let best: Int?

  init(_ history: RunHistory, best: Int?) {
    self.history = history
    self.best = best
  }

  func table() -> Markup {
    let train = Set(history.epochs.flatMap(\.train.keys)).sorted(by: FigureName.precedes).map(
      FigureName.init)
    let validation = Set(history.epochs.flatMap(\.validation.keys)).sorted(by: FigureName.precedes)
      .map(FigureName.init)
    let heads =
      ["epoch"] + train.map { "train \($0.title)" } + validation.map(\.title)
      + ["learning rate", "images/s", "waited", "time"]
    let header = heads.map { head -> Markup in "<th>\(head)</th>" }
    let rows = history.epochs.map { epoch -> Markup in
      var cells = ["\(epoch.epoch)"] + train.map { $0.text(epoch.train[$0.key]) }
      cells += validation.map { $0.text(epoch.validation[$0.key]) }
      cells += [
        NumberText.significant(epoch.learningRate),
        rateText(epoch.imagesPerSecond), NumberText.share(epoch.dataWait),
        durationText(seconds: epoch.seconds),
      ]
      let chosen: Markup = epoch.epoch == best ? " class=\"chosen\"" : ""
      return "<tr\(chosen)>\(cells.map { cell -> Markup in "<td>\(cell)</td>" })</tr>\n"
    }
    return "<table class=\"rows\"><thead><tr>\(header)</tr></thead><tbody>\(rows)</tbody></table>"
  }
}
