import Experiment
import Files
import Foundation
import PipelineFiles
import Reports

/// The files of a run.
///
/// | file | what |
/// |---|---|
/// | config.yaml | every setting, resolved; `--resume` reads it |
/// | metrics.jsonl | a line per epoch |
/// | sessions.jsonl | a line for every start that saved something: when, on which machine, by which version |
/// | last.safetensors | the weights after the last epoch or checkpoint |
/// | best.safetensors | the weights with the best validation figure |
/// | best-NAME.safetensors | the weights with the best figure of that task, where they are asked for |
/// | checkpoint.safetensors | weights and everything else a resumed run needs |
/// | metrics.csv, report.html | the run for spreadsheets and for people, written at its end |
/// | model-card.md | what best.safetensors is and how it does, written at its end |
package struct RunFolder: Sendable {
  package let path: String

  package init(_ path: String) { self.path = path }

  package var config: String { "\(path)/config.yaml" }
  package var metrics: String { "\(path)/metrics.jsonl" }
  package var sessions: String { "\(path)/sessions.jsonl" }
  package var csv: String { "\(path)/metrics.csv" }
  package var report: String { "\(path)/report.html" }
  package var card: String { "\(path)/model-card.md" }
  package var last: String { "\(path)/last.safetensors" }
  package var best: String { "\(path)/best.safetensors" }
  package var checkpoint: String { "\(path)/checkpoint.safetensors" }

  /// The weights with the best figure of a task.
  package func best(ofTask name: String) -> String { "\(path)/best-\(name).safetensors" }

  /// Weights of one epoch, kept while it is among the best k.
  package func weights(ofEpoch epoch: Int) -> String {
    let digits = String(epoch)
    let padding = String(repeating: "0", count: max(0, 4 - digits.count))
    return "\(path)/epoch-\(padding)\(digits).safetensors"
  }

  /// Claims the folder for a new run. An earlier run's files are set aside where `overwrite` says
  /// so, until the claim is told to `commit()`.
  ///
  /// - Parameter tasks: those whose best weights the new run keeps.
  /// - Throws: `TrainingError` if it holds files of a run and `overwrite` is false, or files that only
  ///   have a run's names; `FileError` where another process has it, or it cannot be made.
  package func claim(overwrite: Bool, bestOf tasks: [String] = []) throws -> OutputFolder {
    let isOwn = isOurs(bestOf: tasks)
    let claim = try OutputFolder(claiming: path, isOwn: isOwn)
    guard !Files.exists("\(path)/zarr.json") else {
      throw TrainingError("\(path) is a store; choose another --output")
    }
    guard let first = try claim.ownFiles().first(where: isOwn) else { return claim }
    guard overwrite else {
      let way =
        Files.exists(checkpoint)
        ? "go on with it by --resume \(path)" : "it has no checkpoint yet"
      throw TrainingError(
        "\(path) already holds a run; \(way), replace it with --force, or choose another --output")
    }
    guard hasConfiguration else {
      throw TrainingError(
        "\(path) holds \(first), but no config.yaml of a run, so it may not be replaced; move the "
          + "file away, or choose another --output")
    }
    try claim.setAside()
    return claim
  }

  /// Claims the folder of a run that goes on.
  func claimToResume() throws -> OutputFolder {
    guard isFolder(path) else { throw TrainingError("\(path) is not the folder of a run") }
    return try OutputFolder(claiming: path, isOwn: isOurs())
  }

  /// Whether config.yaml is one that a run wrote: it says all settings, and the folder too.
  private var hasConfiguration: Bool {
    guard let text = try? readFile(config, limit: 1 << 20) else { return false }
    return String(decoding: text, as: UTF8.self).split(separator: "\n").contains {
      $0.drop { $0 == " " }.hasPrefix("output:")
    }
  }

  /// The files in the folder that a run wrote, with the folder's path.
  package var ownFiles: [String] {
    let names = (try? namesAsBytes(in: path)) ?? []
    return names.map { String(decoding: $0, as: UTF8.self) }.filter(isOurs())
      .map { "\(path)/\($0)" }
  }

  /// Tells the files that a run writes by their names. Other weight files in the folder are the
  /// user's: `best-old.safetensors` is ours only where a run has a task of that name.
  private func isOurs(bestOf tasks: [String] = []) -> (String) -> Bool {
    let names = Set((tasks + recordedTasks).map { "best-\($0).safetensors" })
    return { names.contains($0) || Self.isFixed($0) }
  }

  /// The tasks whose best weights a run in this folder keeps, as its config.yaml says, wherever a
  /// claim that was killed has left it.
  private var recordedTasks: [String] {
    let places = ["", "/\(OutputFolder.asideName)", "/\(OutputFolder.discardedName)"]
    return places.flatMap { place -> [String] in
      guard let train = try? Pipeline(contentsOf: "\(path)\(place)/config.yaml").train,
        train.bestPerTask
      else { return [] }
      return train.tasks.map(\.name)
    }
  }

  /// Whether a file has a name that every run may write.
  private static func isFixed(_ name: String) -> Bool {
    let fixed = [
      "config.yaml", "metrics.jsonl", "sessions.jsonl", "metrics.csv", "report.html",
      "model-card.md",
    ]
    let weights = ["last", "best", "checkpoint"].map { "\($0).safetensors" }
    if fixed.contains(name) || weights.contains(name) { return true }
    if name.hasPrefix("events.out.tfevents.") { return true }
    if name.hasPrefix("epoch-"), name.hasSuffix(".safetensors") {
      return name.dropFirst(6).dropLast(12).allSatisfy(\.isNumber)
    }
    return false
  }

  /// Writes a small file whole or not at all.
  package func write(_ text: String, to path: String) throws {
    try AtomicFile.write(text.utf8, to: path)
  }

  /// Adds a line to metrics.jsonl and brings it to disk.
  package func append(_ record: EpochRecord) throws {
    let file = try AppendedFile(path: metrics)
    try file.append(record.line() + Data("\n".utf8))
    try file.sync()
  }

  /// The records of metrics.jsonl; none if there is no such file.
  ///
  /// - Throws: `FileError` for a file that cannot be read, or naming the line that is not a
  ///   record.
  package func records() throws -> [EpochRecord] {
    Files.exists(metrics) ? try RunHistory(path: metrics).epochs : []
  }

  /// Takes back what was logged after the checkpoint that a run resumes from.
  package func keepRecords(upToEpoch epoch: Int) throws {
    guard Files.exists(metrics) else { return }
    var data = Data()
    for record in try records() where record.epoch <= epoch {
      data += try record.line() + Data("\n".utf8)
    }
    try AtomicFile.write(data, to: metrics)
  }

  /// Claims the first of `data/runs/NAME-1`, `NAME-2`, … that is not there, NAME being the store's.
  static func claimFree(for shards: String) throws -> (folder: RunFolder, claim: OutputFolder) {
    let name = URL(fileURLWithPath: shards).lastPathComponent
    var number = 0
    while true {
      number += 1
      let folder = RunFolder("data/runs/\(name)-\(number)")
      do throws(FileError) {
        let claim = try OutputFolder(claiming: folder.path, mustBeNew: true, isOwn: Self.isFixed)
        return (folder, claim)
      } catch {
        guard error.code == EEXIST else { throw error }
      }
    }
  }
}
