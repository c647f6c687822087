import Experiment
import Files
import Foundation
import Threads

/// When and where a run was started or resumed: a line of `RUN/sessions.jsonl`.
///
/// None of it changes a result, so it lies beside the weights, whose bytes depend on the recipe
/// alone.
package struct RunSession: Codable, Equatable, Sendable {
  /// UTC, such as `2026-05-01T12:00:00Z`.
  package var started: String
  /// Such as `hydra-train 1.0.0`.
  package var program: String
  /// As the system names it; nil where it does not.
  package var processor: String?
  /// Those that this process may use.
  package var cores: Int
  /// Of the engine.
  package var threads: Int
  /// The store's path as it was given.
  package var store: String

  /// The program, machine and time as they are now.
  ///
  /// - Parameters:
  ///   - threads: of the engine.
  ///   - store: the path of the store.
  package init(threads: Int, store: String) {
    started = Date().formatted(.iso8601)
    program = "hydra-train \(PackageVersion.text)"
    processor = Self.processorName
    cores = availableCoreCount()
    self.threads = threads
    self.store = store
  }

  private static var processorName: String? {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else {
      return nil
    }
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    let name = line?.split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
    return name.flatMap { $0.isEmpty ? nil : $0 }
  }
}

extension RunFolder {
  /// Adds a line to sessions.jsonl.
  func append(_ session: RunSession) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let file = try AppendedFile(path: sessions)
    try file.append(encoder.encode(session) + Data("\n".utf8))
  }

  /// The lines of sessions.jsonl; none of a run of an earlier version. A line that is not a session,
  /// such as one that was torn, is left out: a run can be reported without it.
  package func readSessions() throws -> [RunSession] {
    guard exists(sessions) else { return [] }
    let bytes = try readFile(sessions, limit: 1 << 20)
    return bytes.split(separator: UInt8(ascii: "\n")).compactMap {
      try? JSONDecoder().decode(RunSession.self, from: Data($0))
    }
  }
}
