import ArgumentParser
import Store
import StoreBuilding
import Terminal

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check every byte of a store.",
    usage: "utk-prep verify <store> [--pixels <folder>] [--json]",
    discussion: """
      Compares every file with the store's list of sizes and SHA-256 hashes, every
      shard's index, and every sample's CRC-32C, and decodes every sample. With
      --pixels, decodes the originals again and compares all pixels.

        utk-prep verify data/shards/utkface-32
        utk-prep verify data/shards/utkface-32 --pixels data/raw/UTKFace

      The exit code is 2 if damage was found.
      """)

  @Argument(help: "The store.", completion: .directory)
  var store: String

  @Option(
    help: ArgumentHelp(
      "Decode the images of this folder again and compare.", valueName: "folder"),
    completion: .directory)
  var pixels: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    Interruption.listen()
    let line = ProgressLine("verifying", total: nil, unit: "bytes")
    var report = try StoreVerifier.verify(path: store) { done, _ in
      line.update(done: done)
      if Interruption.isRequested { throw VerifyInterrupted() }
    }
    line.finish()
    if report.fileCount == 0, let problem = report.problems.first, problem.kind == .notAStore,
      problem.file == store
    {
      throw problem
    }
    var compared: Int?
    if let pixels, report.problems.isEmpty {
      let comparison = try PixelComparison.run(store: store, source: pixels)
      compared = comparison.comparedCount
      report.problems += comparison.problems
    }
    if json {
      try StandardOutput.main.json(document(report, compared))
    } else {
      try show(report, compared)
    }
    guard report.problems.isEmpty else { throw ExitCode(2) }
  }

  private func show(_ report: StoreVerifier.Report, _ compared: Int?) throws {
    let output = StandardOutput.main
    for problem in report.problems.prefix(20) { try output.line("damaged: \(problem)") }
    if report.problems.count > 20 {
      try output.line("… and \(report.problems.count - 20) more")
    }
    guard report.problems.isEmpty else { return }
    try output.line(
      "\(store): sound; \(grouped(report.sampleCount)) samples in \(grouped(report.fileCount)) files, "
        + "\(byteText(report.byteCount))"
        + (compared.map { "; \(grouped($0)) compared with their originals, all equal" } ?? ""))
  }

  private func document(_ report: StoreVerifier.Report, _ compared: Int?) -> JSONValue {
    .object([
      "store": .string(store), "sound": .bool(report.problems.isEmpty),
      "files": .integer(report.fileCount), "bytes": .integer(report.byteCount),
      "samples": .integer(report.sampleCount),
      "compared": compared.map { .integer($0) } ?? .null,
      "problems": .array(
        report.problems.map { problem in
          .object([
            "file": .string(problem.file),
            "sample": problem.sample.map { .integer($0) } ?? .null,
            "message": .string(problem.message),
          ])
        }),
    ])
  }
}

private struct VerifyInterrupted: Error, CustomStringConvertible {
  var description: String { "interrupted before everything was checked" }
}
