import Foundation
import Terminal

/// The epochs of a run, read from its `metrics.jsonl`.
///
/// ```swift
/// let history = try RunHistory(path: "runs/a/metrics.jsonl")
/// let best = history.best(by: "loss")
/// ```
package struct RunHistory: Codable, Equatable, Sendable {
  /// A million epochs' worth of text is no log of a run.
  static let largestFile = 64 << 20
  static let largestNameCount = 500

  /// In ascending order.
  package var epochs: [RunEpoch]
  /// What the reader passed over, one sentence each.
  package var notes: [String]

  package init(epochs: [RunEpoch], notes: [String] = []) {
    self.epochs = epochs
    self.notes = notes
  }

  /// Reads a file of one JSON object a line.
  ///
  /// A last line that was torn (the program died while writing it) is left out and noted.
  ///
  /// - Throws: `RunReportError` naming the line that is no record of an epoch.
  package init(path: String) throws {
    let handle: FileHandle
    do {
      handle = try FileHandle(forReadingFrom: URL(filePath: path))
    } catch {
      throw RunReportError("\(path) cannot be opened: is it the metrics.jsonl of a run?")
    }
    defer { try? handle.close() }
    let data = (try? handle.read(upToCount: Self.largestFile + 1)) ?? Data()
    guard data.count <= Self.largestFile else {
      throw RunReportError("\(path) has more than \(Self.largestFile) bytes, too long for a log")
    }
    try self.init(data, path: path)
  }

  /// - Parameter path: names the text in messages.
  init(_ data: Data, path: String) throws {
    var lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let tail = lines.popLast() ?? Data()
    epochs = []
    notes = []
    for (index, line) in lines.enumerated() where !line.isEmpty {
      try append(line, place: "\(path):\(index + 1)")
    }
    guard !tail.isEmpty else { return }
    do {
      try append(tail, place: "\(path):\(lines.count + 1)")
    } catch {
      notes.append("the last line of \(path) is torn and was left out (\(tail.count) bytes)")
    }
  }

  private mutating func append(_ line: Data, place: String) throws {
    let members: [String: LogValue]
    do {
      members = try JSONDecoder().decode([String: LogValue].self, from: line)
    } catch {
      throw RunReportError("\(place): expected a JSON object with numbers, got other text")
    }
    let epoch = try RunEpoch(members, place: place)
    if let before = epochs.last, before.epoch >= epoch.epoch {
      throw RunReportError(
        "\(place): epoch \(epoch.epoch) follows epoch \(before.epoch), expected a later one")
    }
    epochs.append(epoch)
  }

  /// The epoch with the best validation figure: the lowest or highest, as the figure asks; the
  /// first of equals; nil where no epoch has it.
  package func best(by key: String = "loss") -> RunEpoch? {
    let isHigherBetter = FigureName(key).direction == .higherIsBetter
    var best: (epoch: RunEpoch, value: Double)?
    for epoch in epochs {
      guard let value = epoch.validation[key], value.isFinite else { continue }
      if let known = best, isHigherBetter ? value <= known.value : value >= known.value { continue }
      best = (epoch, value)
    }
    return best?.epoch
  }

  /// Seconds of all epochs together, or nil where none was timed.
  package var seconds: Double? {
    let times = epochs.compactMap(\.seconds)
    return times.isEmpty ? nil : times.reduce(0, +)
  }

  /// Mean images a second over the epochs, or nil where none was measured.
  package var imagesPerSecond: Double? {
    let rates = epochs.compactMap(\.imagesPerSecond)
    return rates.isEmpty ? nil : rates.reduce(0, +) / Double(rates.count)
  }
}

/// What may stand in a record: numbers, objects of numbers, and texts or lists, which no report
/// shows.
enum LogValue: Decodable {
  case number(Double)
  case object([String: LogValue])
  case other

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let members = try? container.decode([String: LogValue].self) {
      self = .object(members)
    } else {
      self = .other
    }
  }
}

extension RunEpoch {
  static let largestEpoch = 1_000_000

  /// Takes a record's members; `losses: {age: 1}` inside a split means `age_loss`.
  ///
  /// - Throws: `RunReportError` for a missing or impossible number.
  init(_ members: [String: LogValue], place: String) throws {
    func number(_ key: String, in range: ClosedRange<Double>) throws -> Double? {
      guard let value = members[key] else { return nil }
      guard case .number(let number) = value, range.contains(number) else {
        throw RunReportError(
          "\(place): \(key) should be a number from \(range.lowerBound) to \(range.upperBound)")
      }
      return number
    }
    func whole(_ key: String, in range: ClosedRange<Double>) throws -> Int? {
      guard let value = try number(key, in: range) else { return nil }
      guard value == value.rounded() else {
        throw RunReportError("\(place): \(key) is \(value), expected a whole number")
      }
      return Int(value)
    }
    func figures(_ split: String) throws -> [String: Double] {
      guard let value = members[split] else { return [:] }
      guard case .object(let object) = value else {
        throw RunReportError("\(place): \(split) should be an object of numbers")
      }
      var figures: [String: Double] = [:]
      for (key, value) in object {
        switch value {
        case .number(let number): figures[key] = number
        case .object(let inner):
          for case (let task, .number(let number)) in inner {
            figures[key == "losses" ? "\(task)_loss" : "\(key)_\(task)"] = number
          }
        case .other: break
        }
      }
      guard figures.count <= RunHistory.largestNameCount,
        figures.keys.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 100 })
      else {
        throw RunReportError(
          "\(place): \(split) has more than \(RunHistory.largestNameCount) figures, or names "
            + "of none or more than 100 bytes")
      }
      for (key, number) in figures where !number.isFinite {
        throw RunReportError("\(place): \(split) \(quoted(key)) is not finite")
      }
      return figures
    }
    guard let epoch = try whole("epoch", in: 0...Double(Self.largestEpoch)) else {
      throw RunReportError("\(place): the record has no epoch")
    }
    self.init(
      epoch: epoch, step: try whole("step", in: 0...1e15), train: try figures("train"),
      validation: try figures("validation"),
      imagesPerSecond: try number("images_per_second", in: 0...1e12),
      dataWait: try number("data_wait", in: 0...1),
      seconds: try number("seconds", in: 0...1e12),
      learningRate: try number("learning_rate", in: 0...1e9))
  }
}
