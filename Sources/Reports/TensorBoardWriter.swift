import Files
import Foundation

/// Writes scalars for TensorBoard: a file `events.out.tfevents.TIME.PROCESS` in the run's folder.
///
/// ```swift
/// let board = try TensorBoardWriter(folder: "runs/a")
/// try board.add(epoch)          // tags train/loss, validation/age_mae, …
/// ```
///
/// Each record is in the file when the call returns, so that a running TensorBoard shows it. Use it
/// from one thread.
package final class TensorBoardWriter {
  package let path: String
  private let file: AppendedFile

  /// Begins a file that voids what earlier files of the folder say, and says it again: a run that
  /// was killed may have torn them or gone on beyond its checkpoint, and not every run that is
  /// resumed had such files from its start.
  ///
  /// - Parameters:
  ///   - folder: must exist.
  ///   - history: the epochs so far of a resumed run; empty for a new one.
  ///   - time: seconds since 1970, in the file's name and first records.
  /// - Throws: `FileError` where the file cannot be made.
  package init(
    folder: String, history: [EpochRecord] = [], time: Double = Date().timeIntervalSince1970
  ) throws {
    // Readers take the files of a folder in the order of their names.
    let latest = Self.latestTime(in: folder).map { $0 + 1 } ?? 0
    let path =
      "\(folder)/\(Self.prefix)\(max(Int(time), latest)).\(ProcessInfo.processInfo.processIdentifier)"
    self.path = path
    file = try AppendedFile(path: path, isNew: true)
    try write(TensorBoardEvent(time: time, step: 0, content: .fileVersion))
    guard !history.isEmpty else { return }
    // Voids the steps from this one on. 0 would not be written, and no epoch ends at it.
    try write(TensorBoardEvent(time: time, step: 1, content: .sessionStart))
    var secondsLeft = history.reduce(0) { $0 + $1.seconds }
    for record in history {
      secondsLeft -= record.seconds
      try add(record, time: time - secondsLeft)
    }
  }

  private static let prefix = "events.out.tfevents."

  private static func latestTime(in folder: String) -> Int? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasPrefix(prefix) }
      .compactMap { $0.dropFirst(prefix.count).split(separator: ".").first.flatMap { Int($0) } }
      .filter { (0..<1 << 40).contains($0) }
      .max()
  }

  /// Adds values of one step. What is not finite is left out.
  ///
  /// - Throws: `FileError` where the file cannot be written.
  package func add(
    step: Int, scalars: [(tag: String, value: Double)], time: Double = Date().timeIntervalSince1970
  ) throws {
    let finite = scalars.compactMap { tag, value -> (tag: String, value: Float)? in
      value.isFinite ? (tag, Float(value)) : nil
    }
    guard !finite.isEmpty else { return }
    try write(TensorBoardEvent(time: time, step: step, content: .scalars(finite)))
  }

  /// Adds all figures of an epoch, at its last step.
  package func add(_ epoch: EpochRecord, time: Double = Date().timeIntervalSince1970) throws {
    var scalars: [(tag: String, value: Double)] = []
    for (split, figures) in [("train", epoch.train), ("validation", epoch.validation)] {
      scalars += figures.sorted { $0.key < $1.key }.map { ("\(split)/\($0.key)", $0.value) }
    }
    scalars += epoch.others.map { key, value in ("run/\(key)", value) }
    try add(step: epoch.step, scalars: scalars, time: time)
  }

  private func write(_ event: TensorBoardEvent) throws {
    try file.append(event.record)
  }
}
