import Experiment
import Store

extension TrainingData {
  /// A task for every label column of a store, for a run whose recipe names none.
  ///
  /// A column of classes is a binary or a categorical task. A number's loss is divided by its
  /// standard deviation in the training split, so that all tasks start at one scale; UTKFace's age
  /// has the weight that its recipe was tuned with.
  ///
  /// - Throws: `TrainingError` for a store without such columns.
  static func labelTasks(
    of store: StoreReader, _ splits: [SplitReader]
  ) throws -> [TaskSettings] {
    let split = try splits.first { $0.name == "train" } ?? store.split("train")
    let labels = split.columns.filter { $0.role == .label && $0.width == 1 && $0.kind != .bytes }
    guard !labels.isEmpty else {
      throw TrainingError(
        "\(store.path) has no label columns to learn; name the tasks in a --pipeline")
    }
    return try labels.map { column in
      if column.kind == .number {
        var task = TaskSettings(name: column.name, kind: .regression)
        let isUTKFacesAge = column.name == "age" && column.unit ?? "years" == "years"
        task.weight =
          isUTKFacesAge ? 0.1 : try 1 / deviation(of: split.column(column.name).floats)
        return task
      }
      let count = try classCount(of: column, in: store)
      return count == 2
        ? TaskSettings(name: column.name, kind: .binary)
        : TaskSettings(name: column.name, kind: .categorical, classes: count)
    }
  }

  /// Classes of a column: those with names, or else one more than the largest label in the store.
  private static func classCount(of column: Column, in store: StoreReader) throws -> Int {
    guard column.classNames.isEmpty else { return max(2, column.classNames.count) }
    let largest = try store.splits.compactMap { split in
      try split.column(column.name).floats.filter(\.isFinite).max()
    }.max()
    return max(2, Int(largest ?? 0) + 1)
  }

  /// The standard deviation of the values that are known, or 1 where all are equal.
  private static func deviation(of column: [Float]) -> Double {
    let values = column.filter(\.isFinite).map { Double($0) }
    let mean = values.reduce(0, +) / Double(max(1, values.count))
    let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, values.count))
    return square > 0 ? square.squareRoot() : 1
  }
}
