import Experiment
import Loader
import Reports
import Store
import Tensors

/// A shard store as a run sees it: its splits, the labels of the tasks, and streams of batches.
package struct TrainingData: Sendable {
  package let store: StoreReader
  /// The store's splits or, where a fold is chosen, those that it makes.
  package let splits: [SplitReader]
  package let tasks: [TaskSettings]
  /// Width and height of the images, in pixels.
  package let imageSize: Int
  let labels: [TaskLabels]
  /// Label columns that the tasks use, each once.
  let columns: [String]
  /// For each task, its column's place in `columns`.
  let columnOfTask: [Int]

  /// Opens a store and checks that it has a column for every task.
  ///
  /// - Parameters:
  ///   - tasks: empty for a task for every label column.
  ///   - fold: the fold that validates, of a store with folds; nil for the store's own splits.
  ///   - needsFold: whether a store without folds is refused, or its own splits are taken.
  /// - Throws: `StoreError` for what is wrong with the store, `TrainingError` for a task that it
  ///   has no labels for.
  package init(
    shards: String, tasks: [TaskSettings], fold: Int? = nil, needsFold: Bool = true
  ) throws {
    store = try StoreReader(path: shards)
    let isFolded = fold != nil && (needsFold || Self.foldColumn(of: store) != nil)
    splits = try isFolded ? Self.splits(of: store, fold: fold ?? 0) : store.splits
    let tasks = tasks.isEmpty ? try Self.labelTasks(of: store, splits) : tasks
    try Self.checkFigureNames(of: tasks)
    imageSize = store.layout.size
    var columns: [String] = []
    for task in tasks where !columns.contains(task.column) { columns.append(task.column) }
    self.columns = columns
    columnOfTask = tasks.map { task in columns.firstIndex(of: task.column) ?? 0 }
    for split in splits {
      for task in tasks {
        guard let column = split.columns.first(where: { $0.name == task.column }) else {
          throw TrainingError(
            "task \(task.name) learns from column \(task.column), but split \(split.name) of "
              + "\(shards) has only \(split.columns.map(\.name).joined(separator: ", ")); change "
              + "the task's column or drop the task")
        }
        guard column.width == 1, column.kind != .bytes else {
          throw TrainingError(
            "task \(task.name) learns from column \(task.column) of \(shards), which is not one "
              + "number or class a sample; change the task's column or drop the task")
        }
      }
    }
    let train = splits.first { $0.name == SplitRule.train }
    self.tasks = try tasks.map { try $0.withRange(from: train, store: shards) }
    labels = self.tasks.map(TaskLabels.init)
  }

  /// Refuses tasks whose figures would share a name: `a_balanced_accuracy` would be of `a` and of
  /// `a_balanced`.
  private static func checkFigureNames(of tasks: [TaskSettings]) throws {
    let names = tasks.filter { $0.kind != .regression }.map(\.name)
    for name in names {
      for key in ["\(name)_accuracy", "\(name)_f1"] {
        let other = FigureName(key).task
        if other != name, names.contains(other) {
          throw TrainingError(
            "the tasks \(other) and \(name) both have a figure \(key); give \(name) another name")
        }
      }
    }
  }

  /// A split that must be there and have samples.
  package func split(_ name: String) throws -> SplitReader {
    guard let split = splits.first(where: { $0.name == name }) else { return try store.split(name) }
    guard split.sampleCount > 0 else {
      throw TrainingError(
        "split \(name) of \(store.path) has no samples; build the store with another --validation")
    }
    return split
  }

  /// The validation split, or nil where the store has none or an empty one.
  package var validation: SplitReader? {
    splits.first { $0.name == "validation" && $0.sampleCount > 0 }
  }

  /// Samples by class for each task, none for a regression; every label of the split is checked.
  package func classCounts(in split: SplitReader) throws -> [[Int]] {
    try labels.map { try $0.counts(in: split.column($0.task.column).floats, split: split.name) }
  }

  /// The choice with the store's own mean and deviation written out, so that it means the same
  /// without the store.
  ///
  /// - Throws: `TrainingError` where they are asked for and the store does not say them.
  package func resolved(_ choice: Normalization) throws -> Normalization {
    guard choice == .dataset else { return choice }
    guard let statistics = store.channelStatistics else {
      throw TrainingError(
        "\(store.path) does not give its pixels a mean from 0 to 1 and a deviation above 0; use "
          + "--normalize imagenet, or build it again")
    }
    return .values(statistics)
  }

  /// By task, what the store calls its classes, such as `male` and `female`; empty lists where it
  /// says nothing, or where bins make classes of their own.
  package var classNames: ClassNames {
    ClassNames(
      Dictionary(
        tasks.map { task in
          let column = store.schema.columns.first { $0.name == task.column }
          return (task.name, task.bins.isEmpty ? column?.classNames ?? [] : [])
        }, uniquingKeysWith: { first, _ in first }))
  }

  /// The labels of the training split: by task, one value per sample.
  func trainingLabels() throws -> [[Float]] { try labels(in: split("train")) }

  /// The labels of a split: by task, one value per sample; NaN for one that is missing.
  func labels(in split: SplitReader) throws -> [[Float]] {
    try labels.map { labels in
      labels.values(of: try split.column(labels.task.column).floats)
    }
  }

  /// The labels of a batch: by task, one value per sample.
  func labels(of batch: borrowing Batch) -> [[Float]] {
    zip(labels, columnOfTask).map { labels, column in
      labels.values(of: batch.labels(column: column))
    }
  }
}
