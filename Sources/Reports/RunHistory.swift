import Files
import Foundation
import Terminal

/// The epochs of a run, read from its `metrics.jsonl`.
///
/// ```swift
/// let history = try RunHistory(path: "runs/a/metrics.jsonl")
/// print(history.epochs.count)
/// ```
package struct RunHistory: Equatable, Sendable {
  /// A run of a million epochs writes less.
  static let largestFile = 64 << 20

  /// In ascending order.
  package var epochs: [EpochRecord]
  /// What the reader passed over, one sentence each.
  package var notes: [String]

  package init(epochs: [EpochRecord], notes: [String] = []) {
    self.epochs = epochs
    self.notes = notes
  }

  /// Reads a file of one JSON object a line.
  ///
  /// A last line that was torn (the program died while writing it) is left out and noted.
  ///
  /// - Throws: `FileError` for a file that cannot be read, or naming the line that is not
  ///   the record of an epoch.
  package init(path: String) throws {
    let handle: FileHandle
    do {
      handle = try FileHandle(forReadingFrom: URL(filePath: path))
    } catch {
      throw FileError(path, "cannot be opened: is it the metrics.jsonl of a run?")
    }
    defer { try? handle.close() }
    let data: Data
    do {
      data = try handle.read(upToCount: Self.largestFile + 1) ?? Data()
    } catch {
      throw FileError(path, "cannot be read: is it a file, and is the disk sound?")
    }
    guard data.count <= Self.largestFile else {
      throw FileError(
        path, "has more than \(Self.largestFile) bytes: it is not the metrics.jsonl of a run")
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
    let epoch: EpochRecord
    do {
      epoch = try JSONDecoder().decode(EpochRecord.self, from: line)
    } catch {
      throw FileError(place, "expected the record of an epoch, got other text")
    }
    if let problem = epoch.problem { throw FileError(place, problem) }
    if let before = epochs.last, before.epoch >= epoch.epoch {
      throw FileError(
        place, "epoch \(epoch.epoch) follows epoch \(before.epoch), expected a later one")
    }
    epochs.append(epoch)
  }

  /// Seconds of all epochs together, or nil where none was finished.
  package var seconds: Double? {
    epochs.isEmpty ? nil : epochs.reduce(0) { $0 + $1.seconds }
  }

  /// Mean images a second over the epochs, or nil where none was finished.
  package var imagesPerSecond: Double? { mean(\.imagesPerSecond) }

  /// Mean share of the time spent waiting for data, or nil where no epoch was finished.
  var dataWait: Double? { mean(\.dataWait) }

  private func mean(_ value: (EpochRecord) -> Double) -> Double? {
    epochs.isEmpty ? nil : epochs.reduce(0) { $0 + value($1) } / Double(epochs.count)
  }
}

extension EpochRecord {
  private static let largestEpoch = 1_000_000
  private static let largestNameCount = 500

  /// What no run can have logged, or nil: a page must not be made of it.
  fileprivate var problem: String? {
    guard (1...Self.largestEpoch).contains(epoch) else {
      return "epoch is \(epoch), expected 1 to \(Self.largestEpoch)"
    }
    guard (0...1 << 50).contains(step) else {
      return "step is \(step), expected a whole number from 0 to \(1 << 50)"
    }
    for (key, value) in others where !(0...(key == "data_wait" ? 1 : 1e12)).contains(value) {
      return "\(key) is \(value), expected a number from 0 to \(key == "data_wait" ? "1" : "1e12")"
    }
    for (split, figures) in [("train", train), ("validation", validation)] {
      guard figures.count <= Self.largestNameCount else {
        return "\(split) has \(figures.count) figures, expected at most \(Self.largestNameCount)"
      }
      if let key = figures.keys.first(where: { !(1...100).contains($0.utf8.count) }) {
        return "\(split) has the figure \(quoted(key)), expected a name of 1 to 100 bytes"
      }
    }
    return nil
  }
}
