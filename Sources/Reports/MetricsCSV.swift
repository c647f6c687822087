import Terminal

/// A run's epochs as comma-separated values (RFC 4180), a row an epoch, for spreadsheets.
///
/// The columns are `epoch`, `step`, `learning_rate`, `images_per_second`, `data_wait`, `seconds`,
/// then `train.NAME` and `validation.NAME` for every figure of any epoch, in alphabetical order. A
/// figure that an epoch does not have is an empty field.
package enum MetricsCSV {
  package static func text(of history: RunHistory) -> String {
    let train = Set(history.epochs.flatMap(\.train.keys)).sorted()
    let validation = Set(history.epochs.flatMap(\.validation.keys)).sorted()
    let fixed = ["epoch", "step", "learning_rate", "images_per_second", "data_wait", "seconds"]
    var rows = [fixed + train.map { "train.\($0)" } + validation.map { "validation.\($0)" }]
    for epoch in history.epochs {
      var row = ["\(epoch.epoch)", "\(epoch.step)"]
      row += epoch.others.map { field($0.1) }
      row += train.map { field(epoch.train[$0]) }
      row += validation.map { field(epoch.validation[$0]) }
      rows.append(row)
    }
    return rows.map { $0.map(csvField).joined(separator: ",") + "\r\n" }.joined()
  }

  /// The shortest text that reads back as the same number.
  private static func field(_ value: Double?) -> String {
    value.map { "\($0)" } ?? ""
  }
}
