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

  /// - Parameters:
  ///   - folder: must exist.
  ///   - resumingAt: the step at which a resumed run goes on; what earlier files of the folder say
  ///     about later steps is then void. nil for a new run.
  ///   - time: seconds since 1970, in the file's name and first records.
  /// - Throws: `FileError` where the file cannot be made.
  package init(
    folder: String, resumingAt step: Int? = nil, time: Double = Date().timeIntervalSince1970
  ) throws {
    let base =
      "\(folder)/events.out.tfevents.\(Int(time)).\(ProcessInfo.processInfo.processIdentifier)"
    var path = base
    var count = 0
    // Two runs of one process in one second still get two files.
    while exists(path) {
      count += 1
      path = "\(base).\(count)"
    }
    self.path = path
    file = try AppendedFile(path: path, isNew: true)
    try write(TensorBoardEvent(time: time, step: 0, content: .fileVersion))
    if let step { try write(TensorBoardEvent(time: time, step: step, content: .sessionStart)) }
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

  /// Adds all figures of an epoch, at its step where it has one, else at its number.
  package func add(_ epoch: RunEpoch, time: Double = Date().timeIntervalSince1970) throws {
    var scalars: [(tag: String, value: Double)] = []
    for (split, figures) in [("train", epoch.train), ("validation", epoch.validation)] {
      scalars += figures.sorted { $0.key < $1.key }.map { ("\(split)/\($0.key)", $0.value) }
    }
    scalars += epoch.others.compactMap { key, value in value.map { ("run/\(key)", $0) } }
    try add(step: epoch.step ?? epoch.epoch, scalars: scalars, time: time)
  }

  private func write(_ event: TensorBoardEvent) throws {
    try file.append(event.record)
  }
}
