import Foundation
import Store

/// A small store of drawn faces, and runs on it, made once for all tests of `hydra-train`.
enum TrainFixture {
  /// Removed when the tests are over.
  static let folder: String = {
    let path = NSTemporaryDirectory() + "/hydra-train-\(UUID().uuidString)"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(atPath: TrainFixture.folder) }
    return path
  }()

  /// 120 faces and a few files that are no faces.
  static let faces: String = {
    _ = try? BuiltProgram.prep.run([
      "synth", "--output", folder + "/faces", "--count", "120", "--seed", "5",
    ])
    return folder + "/faces"
  }()

  /// Images of 32×32 in four shards.
  static let store: String = {
    _ = try? BuiltProgram.prep.run([
      "build", faces, "--output", folder + "/store", "--samples-per-shard", "32",
    ])
    return folder + "/store"
  }()

  /// What all comparable runs have in common: three epochs of six steps.
  static let recipe = [
    "--epochs", "3", "--batch-size", "16", "--lr", "0.005", "--momentum", "0.9", "--flip",
    "--seed", "3",
  ]

  /// The folder of a run that nothing disturbed, and what the program said.
  static let undisturbed: (run: String, result: BuiltProgram.Result?) = {
    let run = folder + "/undisturbed"
    let result = try? BuiltProgram.train.run(
      ["--shards", store, "--output", run, "--json"] + recipe)
    return (run, result)
  }()

  static var weights: String { undisturbed.run + "/best.safetensors" }

  /// A copy of the store in a folder, for a test to damage.
  static func copyStore(to folder: String) throws -> String {
    try FileManager.default.copyItem(atPath: store, toPath: folder + "/store")
    return folder + "/store"
  }

  /// The lines of a run's metrics.jsonl.
  static func records(_ run: String) throws -> [JSONValue] {
    let text = try String(contentsOfFile: run + "/metrics.jsonl", encoding: .utf8)
    return try text.split(separator: "\n").map { line in
      try Array(line.utf8).withUnsafeBytes { try JSONValue.decoded($0) }
    }
  }

  /// Starts a run in `folder` and stops it by a signal in its second epoch.
  static func stoppedRun(
    shards: String = store, in folder: String, signal: Int32, extra: [String] = []
  ) throws -> (run: String, result: BuiltProgram.Result) {
    let run = folder + "/run"
    let result = try BuiltProgram.train.run(
      ["--shards", shards, "--output", run] + recipe + extra, signal: signal
    ) {
      // The record of the first epoch stands in metrics.jsonl before its checkpoint is written.
      FileManager.default.fileExists(atPath: run + "/checkpoint.safetensors")
    }
    return (run, result)
  }
}

extension BuiltProgram.Result {
  /// Standard error as lines.
  var errorLines: [String] { errors.split(separator: "\n").map(String.init) }
}
