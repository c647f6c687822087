import Checksums
import Experiment
import Faces
import Store

/// What a build decides by besides its options: the labels of a path, its stratum, and the split
/// that a file says. Made once the photographs of the source are listed.
struct BuildRules: Sendable {
  let labels: any LabelSource
  let stratifier: Stratifier
  /// Nil where the shares make the splits.
  let assignments: SplitAssignments?
  /// Nil where no file says what to leave out.
  let dropped: DropList?
  /// Nil where no column groups the samples.
  let group: GroupKey?
  private let options: BuildOptions

  /// - Throws: `FileError`, `ColumnError` and `LabelSourceError` for label and split files that
  ///   cannot be used.
  init(_ options: BuildOptions, paths: LabelPaths) throws {
    self.options = options
    var settings = options.labelSettings
    settings.dropsTop = options.isOfArchives
    settings.groupColumn = options.split.groupColumn
    labels = try LabelSources.open(
      settings, strict: options.strict, source: options.sourceTitle, spool: options.spool,
      paths: paths)
    if let taken = labels.columns.first(where: { $0.name == Self.foldName }),
      options.split.folds != nil
    {
      throw LabelSourceError(
        description: "--folds writes the column fold, which the labels have too (a \(taken.kind)); "
          + "give it another name in columns:")
    }
    stratifier = try Stratifier(options.split.stratification, columns: labels.columns)
    let columns = labels.columns
    group = try options.split.groupColumn.map { try GroupKey($0, columns: columns) }
    guard options.split.groupColumn == nil || options.split.file == nil else {
      throw LabelSourceError(
        description: "--split-file alone decides the split, and --group-by would, too; give one")
    }
    assignments = try options.split.file.map {
      try SplitAssignments($0, settings, spool: options.spool)
    }
    dropped = try options.split.dropped.map {
      try DropList($0, settings, spool: options.spool)
    }
  }

  static let foldName = "fold"

  /// The columns of the store: those of the labels and, last, the fold.
  func columns() throws -> [Column] {
    try labels.columns
      + (options.split.folds == nil ? [] : [Column(Self.foldName, .fold, .class, .uint8)])
  }

  /// What decides the bytes of the store, besides the files.
  var recipe: JSONValue {
    let split = options.split
    var members: [String: JSONValue] = [
      "size": .integer(options.layout.size), "codec": .string(options.layout.codec.rawValue),
      "samples_per_shard": .integer(options.layout.samplesPerShard),
      "validation": .number(split.validation), "seed": .string("\(split.seed)"),
      "stratify": .string(
        stratifier.names.isEmpty ? "none" : stratifier.names.joined(separator: ",")),
      "duplicates": .string(split.duplicates.rawValue), "strict": .bool(options.strict),
      "near_duplicates": .string(options.joinsNearDuplicates ? "together" : "ignore"),
    ]
    if options.labelSettings != LabelSettings() {
      members["labels_sha256"] = .string(
        Array(labels.identity.utf8).withUnsafeBytes { SHA256Digest.hex(of: $0) })
    }
    if let assignments {
      members["split_file_sha256"] = .string(assignments.identity)
    } else if split.heldOut.map(\.name) != ["validation"] || split.folds != nil {
      members["splits"] = .string(split.description)
    }
    if let dropped { members["drop_sha256"] = .string(dropped.identity) }
    if let folds = split.folds { members["folds"] = .integer(folds) }
    if let group { members["group_by"] = .string(group.name) }
    return .object(members)
  }

  /// Whether a store of some recipe was split by the same rule, of the same or other photographs.
  func splitsAlike(_ other: JSONValue?) -> Bool {
    options.split.duplicates != .ignore
      && [
        "validation", "splits", "folds", "seed", "stratify", "duplicates", "near_duplicates",
        "group_by", "split_file_sha256",
      ].allSatisfy { other?[$0] == recipe[$0] }
  }

  /// What identifies a store: the recipe, and every file's path and content.
  func planDigest(of fingerprint: String) throws -> String {
    try Self.planDigest(recipe: recipe, fingerprint: fingerprint)
  }

  static func planDigest(recipe: JSONValue, fingerprint: String) throws -> String {
    let text: JSONValue = [
      "format": .integer(StoreFormat.version), "recipe": recipe, "source": .string(fingerprint),
    ]
    return try text.encoded().withUnsafeBytes { SHA256Digest.hex(of: $0) }
  }
}
