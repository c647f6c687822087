import Files
import Foundation
import Store
import Testing

/// A program of this package, as it was built, run the way a user runs it.
struct BuiltProgram {
  struct Result {
    let exitCode: Int32
    let output: String
    let errors: String

    /// Standard output as one JSON object.
    func json() throws -> JSONValue {
      try Array(output.utf8).withUnsafeBytes { try JSONValue.decoded($0) }
    }
  }

  static let prep = BuiltProgram(name: "utk-prep")
  static let train = BuiltProgram(name: "hydra-train")

  let name: String

  /// The programs stand beside the test bundle.
  var path: String {
    URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent(name).path
  }

  /// Runs the program to its end.
  ///
  /// - Parameter limit: what stands before the program on a shell's line, such as `ulimit -f 10;`.
  func run(_ arguments: [String], limit: String? = nil) throws -> Result {
    let process = makeProcess(arguments, limit: limit)
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return try finish(process, output, errors)
  }

  private func finish(_ process: Process, _ output: Pipe, _ errors: Pipe) throws -> Result {
    // Standard error is short; standard output is read first, or a full pipe would stop the program.
    let outputText = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let errorText = String(
      decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return Result(exitCode: process.terminationStatus, output: outputText, errors: errorText)
  }

  /// Starts the program and ends it with a signal after a while.
  ///
  /// - Returns: the exit code, where the program ended by itself; else the signal's number.
  func interrupt(_ arguments: [String], after delay: Duration, signal: Int32) throws -> Int32 {
    let process = makeProcess(arguments, limit: nil)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    Thread.sleep(forTimeInterval: Double(delay.components.attoseconds) * 1e-18)
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// Starts the program and sends it a signal as soon as `isReady` says so.
  ///
  /// - Returns: with the signal's number as exit code, where the program ended by it.
  func run(_ arguments: [String], signal: Int32, when isReady: () -> Bool) throws -> Result {
    let process = makeProcess(arguments, limit: nil)
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    try process.run()
    while process.isRunning, !isReady() { Thread.sleep(forTimeInterval: 0.002) }
    kill(process.processIdentifier, signal)
    return try finish(process, output, errors)
  }

  private func makeProcess(_ arguments: [String], limit: String?) -> Process {
    let process = Process()
    if let limit {
      process.executableURL = URL(fileURLWithPath: "/bin/bash")
      process.arguments = ["-c", "\(limit) exec \"$0\" \"$@\"", path] + arguments
    } else {
      process.executableURL = URL(fileURLWithPath: path)
      process.arguments = arguments
    }
    return process
  }
}

/// A folder that is removed at the end of `body`.
func withTemporaryFolder<R>(_ body: (String) throws -> R) throws -> R {
  let path = NSTemporaryDirectory() + "/programs-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try body(path)
}

/// All files below a folder with their bytes.
func contents(of folder: String) -> [String: Data] {
  Dictionary(
    uniqueKeysWithValues: ((try? regularFiles(below: folder)) ?? []).map {
      ($0, FileManager.default.contents(atPath: "\(folder)/\($0)") ?? Data())
    })
}
