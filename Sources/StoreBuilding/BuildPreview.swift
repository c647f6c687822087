import Experiment
import Faces
import Files
import Photographs
import Store

/// What a build would do, as far as names and labels tell: no image is opened, nothing is written.
package struct BuildPreview: Sendable {
  /// What the build would find at its output.
  package enum OutputState: String, Sendable {
    /// Nothing is there.
    case free
    /// A store of the same recipe, which stays as it is if the images are the same.
    case sameRecipe = "same_recipe"
    /// Another store, which may be replaced.
    case replaced
    /// Another store, which may not be replaced without `--force`.
    case needsForce = "needs_force"
  }

  /// The labels of the images whose names and labels are accepted.
  package struct Labels: Sendable {
    package let column: Column
    package var missing = 0
    /// By class; empty where it has no names.
    package var counts: [Int]
    /// Of a number, the least and the largest value that there is.
    package var range: ClosedRange<Double>?

    init(_ column: Column) {
      self.column = column
      counts = [Int](repeating: 0, count: column.classNames.count)
    }

    mutating func add(_ value: ColumnValue?) {
      guard let number = value?.number else {
        missing += 1
        return
      }
      if let place = Int(exactly: number), counts.indices.contains(place) { counts[place] += 1 }
      range = min(range?.lowerBound ?? number, number)...max(range?.upperBound ?? number, number)
    }
  }

  package var output = ""
  package var outputState = OutputState.free
  /// Whether an unfinished build of the output is there, whose images are taken over where they fit.
  package var isBegun = false
  package var found = 0
  package var ignored = IgnoredFiles()
  package var accepted = 0
  package var irregularNames = 0
  package var rejected: [RejectReason: Int] = [:]
  /// The first of the rejected files, with the reason.
  package var firstRejects: [(path: String, message: String)] = []
  /// Accepted, but named by `--drop`, or not named by `--split-file`.
  package var leftOut = 0
  package var labels: [Labels] = []
  /// Images by split: exactly as a split file says, else about.
  package var splits: [(name: String, samples: Int)] = []
  package var isSplitExact = false
  package var notices: [String] = []
  package var guessedColumns: String?
  /// Of the pixels as they are: what the store takes at most, or nearly.
  package var rawByteCount = 0
  package var freeByteCount: Int?

  private static let mostRejects = 5

  /// Images that would be in the store.
  package var taken: Int { accepted - leftOut }
  package var rejectedCount: Int { rejected.values.reduce(0, +) }
  /// While it is made, every image is in a segment and in a shard.
  package var neededByteCount: Int { 2 * rawByteCount }

  /// - Throws: `BuildError` where no image would be in the store, so that none would be made.
  package func checkTakesImages() throws(BuildError) {
    guard taken == 0 else { return }
    throw BuildError(
      .input,
      "\(output) could not be built: of \(found) images, \(accepted) are acceptable by name and "
        + "labels, and \(leftOut) of these are left out, as --drop or --split-file says")
  }
}

extension StoreBuilder {
  /// Reads names and labels, and says what a build would do with them.
  ///
  /// - Throws: as `run()`, where that would end before it reads an image.
  package func preview() throws -> BuildPreview {
    let builder = StoreBuilder(options.leavingOutputAlone())
    return try builder.makePreview()
  }

  private func makePreview() throws -> BuildPreview {
    try place.check()
    var summary = BuildSummary()
    let (source, _) = try openSource(&summary)
    func paths(_ body: (UnsafeBufferPointer<UInt8>) throws -> Void) throws {
      _ = try source.forEachPhotograph { try $0.path.withUnsafeBufferPointer(body) }
    }
    let rules = try BuildRules(options, paths: paths)
    try RejectList.checkOwnership(options.rejectsPath)
    var preview = BuildPreview()
    preview.output = options.output
    preview.outputState = try outputState(rules)
    preview.isBegun = isFolder(options.segmentFolder)
    preview.guessedColumns = rules.labels.guess
    preview.notices = summary.notices + rules.labels.notices
    preview.ignored = try preview.read(source, rules)
    guard preview.found > 0 else { throw noPhotographs(preview.ignored) }
    preview.notices += try rules.labels.notices(about: paths)
    preview.notices += try rules.dropped?.notices(about: paths) ?? []
    preview.estimateSplits(options.split)
    preview.rawByteCount = preview.taken * options.layout.sampleByteCount
    preview.freeByteCount = freeByteCount(at: parentFolder(of: options.output))
    try options.checkRejects(preview.rejectedCount, of: preview.found)
    return preview
  }

  private func outputState(_ rules: BuildRules) throws -> BuildPreview.OutputState {
    guard let existing = try place.existingStore() else { return place.isTaken ? .replaced : .free }
    if existing.dataset["pipeline"] == rules.recipe { return .sameRecipe }
    return options.force ? .replaced : .needsForce
  }
}

extension BuildPreview {
  /// Reads the names and labels of a source.
  ///
  /// - Returns: what is passed over.
  fileprivate mutating func read(
    _ source: some PhotographSource, _ rules: BuildRules
  ) throws -> IgnoredFiles {
    let columns = rules.labels.columns
    labels = columns.map { Labels($0) }
    isSplitExact = rules.assignments != nil
    splits = (rules.assignments?.names ?? []).map { ($0, 0) }
    return try source.forEachPhotograph { photograph in
      found += 1
      try photograph.path.withUnsafeBufferPointer { path in
        switch try rules.labels.labels(of: path) {
        case .failure(let reject):
          rejected[reject.reason, default: 0] += 1
          if firstRejects.count < Self.mostRejects {
            firstRejects.append((photograph.title, reject.description))
          }
        case .success(let row):
          accepted += 1
          if row.isIrregular { irregularNames += 1 }
          for (index, value) in row.values(of: columns).enumerated() { labels[index].add(value) }
          if try rules.dropped?.contains(path) ?? false {
            leftOut += 1
          } else if let assignments = rules.assignments {
            if let split = try assignments.split(of: path) {
              splits[Int(split)].samples += 1
            } else {
              leftOut += 1
            }
          }
        }
      }
    }
  }

  /// By the shares alone: groups and duplicates are known once the images are read.
  fileprivate mutating func estimateSplits(_ rule: SplitRule) {
    guard !isSplitExact else { return }
    let heldOut = rule.madeSplits.map {
      (name: $0.name, samples: Int(($0.share * Double(taken)).rounded()))
    }
    let rest = taken - heldOut.reduce(0) { $0 + $1.samples }
    splits = [(SplitRule.train, max(0, rest))] + heldOut
  }
}
