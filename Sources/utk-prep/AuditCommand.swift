import ArgumentParser
import Auditing
import Files
import Glibc
import Store
import Terminal
import Training

struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Find samples of a store or source that someone should look at.",
    usage: "utk-prep audit <store> [<options>]",
    discussion: """
      Looks for photographs that appear more than once, with other labels, in
      several splits or in another store; for dark, bright, blurred, gray and
      empty ones; for odd sizes; for numbers far from the others, for classes with
      too few samples, and for labels that trained weights contradict. No
      photograph is opened: the store has the measures. Of a folder or an archive of
      photographs, a store is made first, and removed again.

        utk-prep audit data/shards/utkface-32 --report audit.html
        utk-prep audit data/raw/UTKFace --report audit.html
        utk-prep audit data/shards/utkface-32 --against data/shards/test
        utk-prep audit data/shards/utkface-32 --weights runs/a/best.safetensors
        utk-prep audit data/shards/utkface-32 --kinds dark,blurred --json >bad.jsonl
        utk-prep build data/raw/UTKFace --drop bad.jsonl --output data/shards/clean
        utk-prep audit data/shards/utkface-32 --write-fixes fixes.csv

      docs/audit.md says what each kind means and what to do. The exit code is 0,
      whatever is found.
      """)

  @Argument(help: "A store, or a folder or an archive of photographs.", completion: .file())
  var path: String

  @OptionGroup var folderLabels: FolderLabels

  @Option(
    help: ArgumentHelp(
      "Also look for samples that this store has, such as a test set.", valueName: "store"),
    completion: .directory)
  var against: String?

  @Option(
    help: ArgumentHelp(
      "Also look for labels that these weights contradict (.safetensors, .pth).",
      valueName: "file"),
    completion: .file(extensions: ["safetensors", "pth", "pt"]))
  var weights: String?

  @Option(
    help: ArgumentHelp(
      "Look for these only: \(FindingKind.allCases.map(\.rawValue).joined(separator: ", ")).",
      valueName: "kinds"))
  var kinds: String?

  @Option(
    help: ArgumentHelp("Write a page with the worst findings: a .html file.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var report: String?

  @Option(
    help: ArgumentHelp(
      "Write the labels in doubt to a .csv file, to be corrected and given to build --fix-labels.",
      valueName: "file"),
    completion: .file(extensions: ["csv"]))
  var writeFixes: String?

  @Flag(help: "Print JSON Lines, one finding a line, which build --drop reads.")
  var json = false

  func validate() throws {
    let kinds = try chosenKinds()
    guard weights != nil || self.kinds == nil || kinds.isDisjoint(with: FindingKind.ofModels) else {
      throw ValidationError(
        "--kinds \(FindingKind.ofModels.map(\.rawValue).sorted().joined(separator: " and ")) "
          + "are what a model contradicts; give --weights with them.")
    }
    for (path, flag, ending) in [
      (report, "--report", ".html"), (writeFixes, "--write-fixes", ".csv"),
    ] {
      guard path?.lowercased().hasSuffix(ending) ?? true else {
        throw ValidationError("\(flag) takes a file that ends in \(ending), not '\(path ?? "")'.")
      }
    }
  }

  func run() throws {
    Interruption.listen()
    let inputs = [path, against, weights].compactMap(\.self)
    for path in [report, writeFixes].compactMap(\.self) { try checkOutput(path, isNoneOf: inputs) }
    let given = try weights.map { try GivenWeights($0) }
    let made =
      exists("\(path)/\(StoreFormat.rootMetadataFile)")
      ? nil : try makeStore(size: given?.about.imageSize)
    let store = made?.path ?? path
    let answers = try given.map { try modelAnswers($0, on: store) } ?? []
    let audit = try Audit(
      StoreReader(path: store), against: against.map { try StoreReader(path: $0) },
      kinds: chosenKinds(), answers: answers)
    if let report { try AtomicFile.write(Array(audit.page().utf8), to: report) }
    if let writeFixes { try AtomicFile.write(Array(audit.fixesTemplate().utf8), to: writeFixes) }
    if json {
      for finding in audit.findings {
        try StandardOutput.main.json(
          String(decoding: finding.json.encoded(), as: UTF8.self))
      }
    } else {
      try StandardOutput.main.lines(lines(audit))
    }
  }

  /// Makes a store of the photographs at `path`.
  ///
  /// - Parameter size: that of the weights; nil for the settings'.
  private func makeStore(size: Int?) throws -> TemporaryStore {
    guard exists(path) else { throw FileError(path, cannot: "open", code: ENOENT) }
    let settings = try folderLabels.settings()
    return try TemporaryStore(of: path, settings, size: size ?? settings.size)
  }

  private func modelAnswers(_ weights: GivenWeights, on store: String) throws -> [ModelAnswers] {
    let measured = try MeasuredModel(weights, on: store, splits: [])
    for notice in measured.notices { printError(notice) }
    if try measured.knowsSamples() {
      printError(
        "note: the weights were trained on some of these photographs, whose labels they contradict "
          + "less than they would have before")
    }
    let line = ProgressLine(
      "asking the model", total: measured.data.store.splits.reduce(0) { $0 + $1.sampleCount },
      unit: "images")
    defer { line.finish() }
    let (outputs, labels) = try measured.answers {
      line.update(done: $0)
      if Interruption.isRequested { throw AuditInterrupted() }
    }
    return measured.model.settings.tasks.enumerated().map { number, task in
      ModelAnswers(
        task, outputs: outputs[number], labels: labels[number],
        classNames: measured.data.classNames[task.name])
    }
  }

  private func chosenKinds() throws -> Set<FindingKind> {
    guard let kinds else {
      return Set(FindingKind.allCases).subtracting(weights == nil ? FindingKind.ofModels : [])
    }
    return try Set(
      kinds.split(separator: ",", omittingEmptySubsequences: false).map { name in
        guard let kind = FindingKind(rawValue: String(name)) else {
          throw ValidationError(
            "--kinds takes \(FindingKind.allCases.map(\.rawValue).joined(separator: ", ")), "
              + "not '\(visible(String(name), limit: 80))'.")
        }
        return kind
      })
  }

  private func lines(_ audit: Audit) -> [String] {
    let count = audit.findings.count
    var lines = [
      "\(visible(path)): \(grouped(audit.sampleCount)) samples, \(grouped(count)) findings"
    ]
    var table = TextTable(
      header: ["kind", "count", "worst score"], alignment: [.left, .right, .right])
    // By row of the table, the worst example: its paths each on a line, for they are long.
    var examples: [[String]] = [[]]
    for kind in FindingKind.allCases {
      let found = audit.findings.filter { $0.kind == kind }
      guard let worst = found.first else { continue }
      table.append([kind.rawValue, grouped(found.count), worst.scoreText])
      let place = worst.sample.map { "\($0.split) \($0.index) \($0.path)" }
      let other = worst.other.map { "= \($0.split) \($0.index) \($0.path)" }
      examples.append(
        [place, other, worst.note.isEmpty ? nil : worst.note].compactMap(\.self)
          .flatMap { folded("    " + visible($0), columns: 79) })
    }
    if count > 0 { lines += [""] + zip(table.lines(), examples).flatMap { [$0] + $1 } }
    if let report { lines += ["", "the worst of each kind: \(report)"] }
    if let writeFixes { lines += ["", "labels in doubt: \(writeFixes)"] }
    return lines
  }
}
