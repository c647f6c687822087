import Experiment
import Store

extension TrainingData {
  /// The column of a store that has the number of every sample's fold, if it has one.
  static func foldColumn(of store: StoreReader) -> String? {
    store.schema.columns.first { $0.role == .fold && $0.width == 1 }?.name
  }

  /// A store's splits with its training split divided: one fold validates, the others train.
  ///
  /// - Throws: `TrainingError` for a store without that fold.
  static func splits(of store: StoreReader, fold: Int) throws -> [SplitReader] {
    guard let name = foldColumn(of: store) else {
      throw TrainingError(
        "\(store.path) has no folds; build it with --folds K, or leave out --fold")
    }
    let whole = try store.split(SplitRule.train)
    let folds = try whole.column(name).floats
    let members = folds.indices.filter { folds[$0] == Float(fold) }
    guard !members.isEmpty else {
      let known = Set(folds.filter(\.isFinite).map { Int($0) }).sorted()
      throw TrainingError(
        "\(store.path) has no fold \(fold); it has \(known.map(String.init).joined(separator: ", "))"
      )
    }
    return [
      whole.selecting(folds.indices.filter { folds[$0] != Float(fold) }, as: SplitRule.train),
      whole.selecting(members, as: "validation"),
    ] + store.splits.filter { ![SplitRule.train, "validation"].contains($0.name) }
  }
}
