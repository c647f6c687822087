import Foundation
import Reports

/// The files of a run.
///
/// | file | what |
/// |---|---|
/// | config.yaml | every setting, resolved; `--resume` reads it |
/// | metrics.jsonl | a line per epoch |
/// | last.safetensors | the weights after the last epoch or checkpoint |
/// | best.safetensors | the weights with the best validation figure |
/// | checkpoint.safetensors | weights and everything else a resumed run needs |
/// | metrics.csv, report.html | the run for spreadsheets and for people, written at its end |
package struct RunFolder: Sendable {
  package let path: String

  package init(_ path: String) { self.path = path }

  package var config: String { "\(path)/config.yaml" }
  package var metrics: String { "\(path)/metrics.jsonl" }
  package var csv: String { "\(path)/metrics.csv" }
  package var report: String { "\(path)/report.html" }
  package var last: String { "\(path)/last.safetensors" }
  package var best: String { "\(path)/best.safetensors" }
  package var checkpoint: String { "\(path)/checkpoint.safetensors" }

  /// Weights of one epoch, kept while it is among the best k.
  package func weights(ofEpoch epoch: Int) -> String {
    let digits = String(epoch)
    let padding = String(repeating: "0", count: max(0, 4 - digits.count))
    return "\(path)/epoch-\(padding)\(digits).safetensors"
  }

  /// Makes the folder for a new run.
  ///
  /// - Parameter overwrite: whether an earlier run's files are removed.
  /// - Throws: `TrainingError` if it holds files of a run and `overwrite` is false, or cannot be
  ///   made.
  package func create(overwrite: Bool) throws {
    let manager = FileManager.default
    do {
      try manager.createDirectory(atPath: path, withIntermediateDirectories: true)
      let ours = try manager.contentsOfDirectory(atPath: path).filter(Self.isOurs)
      if !overwrite, !ours.isEmpty {
        let way =
          Self.exists(checkpoint) ? "go on with it by --resume \(path)" : "it has no checkpoint yet"
        throw TrainingError(
          "\(path) already holds a run; \(way), replace it with --force, or choose another --output"
        )
      }
      for name in ours { try manager.removeItem(atPath: "\(path)/\(name)") }
    } catch let error as TrainingError {
      throw error
    } catch {
      throw TrainingError(
        "cannot make the run's folder \(path): \(reason(error)); choose another --output")
    }
  }

  /// Removes what a killed run was writing.
  package func removePartialFiles() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    for name in names where name.hasSuffix(".partial") && Self.isOurs(name) {
      remove("\(path)/\(name)")
    }
  }

  /// Whether a run writes files of that name. Other weight files that stand in the folder are the
  /// user's.
  private static func isOurs(_ name: String) -> Bool {
    let fixed = ["config.yaml", "metrics.jsonl", "report.html", "metrics.csv"]
    let weights = ["last", "best", "checkpoint"].map { "\($0).safetensors" }
    if fixed.contains(name) || weights.contains(name) { return true }
    if name.hasPrefix("events.out.tfevents.") { return true }
    if name.hasPrefix("epoch-"), name.hasSuffix(".safetensors") {
      return name.dropFirst(6).dropLast(12).allSatisfy(\.isNumber)
    }
    // NAME.partial or NAME.PROCESS.partial, of a run that was killed.
    guard name.hasSuffix(".partial") else { return false }
    let whole = name.dropLast(8)
    let end = whole.lastIndex(of: ".") ?? whole.endIndex
    return isOurs(String(whole)) || isOurs(String(whole[..<end]))
  }

  /// Writes a small file whole or not at all: temporary file, fsync, rename.
  package func write(_ text: String, to path: String) throws {
    try write(Data(text.utf8), to: path)
  }

  private func write(_ data: Data, to path: String) throws {
    let temporary = path + ".partial"
    do {
      guard FileManager.default.createFile(atPath: temporary, contents: nil) else {
        throw CocoaError(.fileWriteUnknown)
      }
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: temporary))
      defer { try? handle.close() }
      try handle.write(contentsOf: data)
      try handle.synchronize()
    } catch {
      try? FileManager.default.removeItem(atPath: temporary)
      throw TrainingError("cannot write \(path): \(reason(error))")
    }
    guard rename(temporary, path) == 0 else {
      let message = String(cString: strerror(errno))
      try? FileManager.default.removeItem(atPath: temporary)
      throw TrainingError("cannot replace \(path): \(message)")
    }
  }

  /// Adds a line to metrics.jsonl and brings it to disk.
  package func append(_ record: EpochRecord) throws {
    do {
      if !FileManager.default.fileExists(atPath: metrics) {
        _ = FileManager.default.createFile(atPath: metrics, contents: nil)
      }
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: metrics))
      defer { try? handle.close() }
      try handle.seekToEnd()
      try handle.write(contentsOf: record.line() + Data("\n".utf8))
      try handle.synchronize()
    } catch {
      throw TrainingError("cannot write \(metrics): \(reason(error))")
    }
  }

  /// The records of metrics.jsonl; none if there is no such file.
  ///
  /// - Throws: `RunReportError` for a file that cannot be read, or naming the line that is not a
  ///   record.
  package func records() throws -> [EpochRecord] {
    Self.exists(metrics) ? try RunHistory(path: metrics).epochs : []
  }

  /// Takes back what was logged after the checkpoint that a run resumes from.
  package func keepRecords(upToEpoch epoch: Int) throws {
    guard Self.exists(metrics) else { return }
    var data = Data()
    for record in try records() where record.epoch <= epoch {
      data += try record.line() + Data("\n".utf8)
    }
    try write(data, to: metrics)
  }
}

/// What a system error means, in one line.
func reason(_ error: any Error) -> String {
  // The value is a Swift error or an NSError; as one it casts to the other, as `Any` it does not.
  let underlying = ((error as NSError).userInfo[NSUnderlyingErrorKey] as? any Error) as NSError?
  if let code = [error as NSError, underlying].compactMap({ $0 })
    .first(where: { $0.domain == NSPOSIXErrorDomain })?.code
  {
    return String(cString: strerror(Int32(code)))
  }
  return "\(error)".split(separator: "\n").joined(separator: " ")
}

extension RunFolder {
  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// Gives a file a second name, in one step. Weight files are replaced and never changed, so two
  /// names can share one file.
  package func link(_ source: String, as target: String) throws {
    let temporary = target + ".partial"
    unlink(temporary)
    if Foundation.link(source, temporary) != 0 {
      // A file system without hard links.
      do {
        try FileManager.default.copyItem(atPath: source, toPath: temporary)
      } catch {
        throw TrainingError("cannot write \(target): \(reason(error))")
      }
    }
    guard rename(temporary, target) == 0 else {
      throw TrainingError("cannot replace \(target): \(String(cString: strerror(errno)))")
    }
    // rename does nothing where both names are of one file already.
    unlink(temporary)
  }

  package func remove(_ path: String) { unlink(path) }
}

extension RunFolder {
  /// The first of `data/runs/NAME-1`, `NAME-2`, … that is not there, NAME being the store's.
  package static func free(for shards: String?) -> String {
    let name = shards.map { URL(fileURLWithPath: $0).lastPathComponent } ?? "run"
    var number = 1
    while exists("data/runs/\(name)-\(number)") { number += 1 }
    return "data/runs/\(name)-\(number)"
  }
}
