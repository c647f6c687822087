import Experiment
import Reports
import Store

extension TrainingData {
  /// The groups that a list of the store's columns makes, such as `gender,age/10`: the classes of
  /// `gender` crossed with decades of `age`. Any column will do, also one that is no task.
  ///
  /// - Throws: `TrainingError` for what is not such a list.
  func grouping(
    by text: String, in split: SplitReader, hasIntervals: Bool = true
  ) throws -> Grouping {
    let parts = try text.split(separator: ",", omittingEmptySubsequences: false).map {
      try GroupedColumn(String($0), in: split, store: store.path)
    }
    if let twice = parts.enumerated().first(where: { place, part in
      parts[..<place].contains { $0.title == part.title }
    }) {
      throw TrainingError("--by \(text): names column \(twice.element.title) twice; name it once")
    }
    let keys = (0..<split.sampleCount).map { sample -> [Int]? in
      let key = parts.map { $0.keys[sample] }
      return key.contains(nil) ? nil : key.compactMap(\.self)
    }
    let found = Set(keys.compactMap(\.self)).sorted { $0.lexicographicallyPrecedes($1) }
    guard (1...Self.mostGroups).contains(found.count) else {
      throw TrainingError(
        found.isEmpty
          ? "--by \(text): no image of \(split.name) has the value"
          : "--by \(text) makes \(found.count) groups of \(split.name), expected at most "
            + "\(Self.mostGroups); use wider bins or fewer columns")
    }
    let places = Dictionary(uniqueKeysWithValues: found.enumerated().map { ($1, $0) })
    return Grouping(
      columns: parts.map(\.title),
      names: found.map { key in zip(parts, key).map { $0.name(of: $1) } },
      groups: keys.map { key in key.flatMap { places[$0] } }, hasIntervals: hasIntervals)
  }

  /// The columns of few classes that the tasks learn as they are, where they have values, in the
  /// order of the tasks.
  func classColumns(in split: SplitReader) throws -> [String] {
    var names: [String] = []
    for task in tasks
    where task.kind != .regression && task.bins.isEmpty && task.outputCount <= 50
      && !names.contains(task.column)
    {
      let isOfClasses = store.schema.columns.contains {
        $0.name == task.column && $0.kind == .class && $0.width == 1
      }
      if isOfClasses, try split.column(task.column).floats.contains(where: { !$0.isNaN }) {
        names.append(task.column)
      }
    }
    return names
  }

  /// The groups where none are asked for, without intervals: the classes of the first binary task
  /// crossed with those of the first categorical one, such as gender and race; none where no image
  /// has both.
  func usualGrouping(in split: SplitReader) throws -> Grouping? {
    let names = try classColumns(in: split)
    var chosen: [String] = []
    for kind in [TaskSettings.Kind.binary, .categorical] {
      let task = tasks.first { $0.kind == kind && names.contains($0.column) }
      if let task, !chosen.contains(task.column) { chosen.append(task.column) }
    }
    let columns = try chosen.map { try split.column($0).floats }
    guard !chosen.isEmpty,
      (0..<split.sampleCount).contains(where: { sample in
        columns.allSatisfy { !$0[sample].isNaN }
      })
    else { return nil }
    return try grouping(by: chosen.joined(separator: ","), in: split, hasIntervals: false)
  }

  private static let mostGroups = 500
}

/// A column as it groups samples: a class as it is, a number in bins of a width, from 0.
private struct GroupedColumn {
  let title: String
  /// By sample, its class or the number of its bin; nil where the value is missing.
  let keys: [Int?]
  private let column: Column
  private let width: Double

  /// - Parameter text: `race`, or `age/10` for bins of ten.
  init(_ text: String, in split: SplitReader, store: String) throws {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let name = parts.first.map(String.init) ?? ""
    guard let column = split.columns.first(where: { $0.name == name }) else {
      let known = split.columns.map(\.name)
      throw TrainingError(
        "--by \(text): split \(split.name) of \(store) has no column \"\(name)\"; "
          + (nearestName(to: name, in: known).map { "did you mean \($0)?" }
            ?? "it has \(known.joined(separator: ", "))"))
    }
    func problem(_ what: String) -> TrainingError {
      TrainingError("--by \(text): column \(name) \(what)")
    }
    guard column.width == 1, column.kind != .bytes else {
      throw problem("is not one value a sample and makes no groups; choose another")
    }
    switch (column.kind, parts.count) {
    case (.number, 2):
      let isWhole = column.element != .float32
      guard let width = Double(parts[1]), width > 0, width.isFinite,
        !isWhole || width == width.rounded()
      else {
        throw problem(
          "needs a bin width above 0\(isWhole ? ", a whole number" : ""), such as \(name)/10")
      }
      self.width = width
    case (.number, _): throw problem("is a number; give the width of its bins, such as \(name)/10")
    case (_, 2): throw problem("is a class and has no bins; write --by \(name)")
    default: width = 1
    }
    (self.column, title) = (column, name)
    let values = try split.column(name)
    let binWidth = self.width
    keys = try (0..<split.sampleCount).map { sample in
      guard let value = values.value(sample)?.number else { return nil }
      guard let key = Int(exactly: (value / binWidth).rounded(.down)), key.magnitude < 1 << 53
      else {
        throw problem("has the value \(value), which no bin of width \(parts.last ?? "") can hold")
      }
      return key
    }
  }

  /// A class's name, or a bin's bounds: "20–29" of whole numbers, "0.5 to 0.75" of others.
  func name(of key: Int) -> String {
    if column.kind == .class {
      let isNamed = column.classNames.indices.contains(key) && !column.classNames[key].isEmpty
      return isNamed ? column.classNames[key] : "\(key)"
    }
    let (low, high) = (Double(key) * width, (Double(key) + 1) * width)
    guard column.element != .float32, let first = Int(exactly: low), let last = Int(exactly: high)
    else { return "\(low) to \(high)" }
    return width == 1 ? "\(first)" : "\(first)–\(last - 1)"
  }
}
