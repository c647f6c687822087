extension PrepSettings {
  /// Every setting of the `prep:` section.
  package static let table = SettingTable<PrepSettings>([
    Setting(
      "source", \.source, .paths,
      "Folder of images, or an archive of them (.tar, .tar.gz, .zip), or a list of archives.",
      role: .run),
    Setting("output", \.output, SettingType.text.orNothing, "Folder of the store.", role: .run),
    Setting(
      "size", \.size, .int(imageSizes), "Width and height of a stored image in pixels.",
      flag: .option("size", "pixels")),
    Setting(
      "labels", \.labels.file, SettingType.text.or("none"),
      "Labels from a .csv or .jsonl file with a column of paths below the source.",
      flag: .option("labels", "file")),
    Setting(
      "labels_from", \.labels.origin, .choice,
      "What holds the labels where there is no label file: the file names, as UTKFace's, or the "
        + "folders that the images are in.", flag: .option("labels-from", "what")),
    Setting(
      "path_column", \.labels.pathColumn, SettingType.text.or("auto"),
      "The column of paths in a label file; auto for one called path, file, filename or image.",
      flag: .option("path-column", "name")),
    Setting(
      "unlisted", \.labels.unlisted, .choice,
      "Images without a row in the label file: reject them, or keep them with missing labels.",
      flag: .option("unlisted", "what")),
    Setting(
      "fix_labels", \.labels.fixes, SettingType.text.or("none"),
      "A .csv file with a column of paths and any label columns, whose cells replace labels; the "
        + "word missing removes one.", flag: .option("fix-labels", "file")),
    Setting(
      "validation", \.split.validation, .number(0..<1), "Share of the images that validate.",
      flag: .option("validation", "share")),
    Setting(
      "split", \.split.heldOut, SplitRule.Share.setting,
      "Shares of all splits, in place of validation.", flag: .option("split", "shares")),
    Setting(
      "split_file", \.split.file, SettingType.text.or("none"),
      "A .csv file with the columns path and split, which decide alone; images that it does not "
        + "name are left out.", flag: .option("split-file", "file")),
    Setting(
      "drop", \.split.dropped, SettingType.text.or("none"),
      "A .csv or .jsonl file with a column of paths, such as utk-prep audit --json prints: these "
        + "images are left out.", flag: .option("drop", "file")),
    Setting(
      "folds", \.split.folds, SettingType.int(2...100).or("none"),
      "Folds of the training split for cross-validation, in place of a validation split; "
        + "hydra-train --fold I takes one.", flag: .option("folds", "count")),
    Setting("seed", \.split.seed, .seed, "Decides split and order.", flag: .option("seed")),
    Setting(
      "stratify", \.split.stratification, Stratification.setting,
      "Labels whose mix both splits keep.", flag: .option("stratify", "labels")),
    Setting(
      "duplicates", \.split.duplicates, .choice,
      "Byte-identical files: together (on one side of the split), first (one is kept), drop (none "
        + "is), ignore.", flag: .option("duplicates")),
    Setting(
      "near_duplicates", \.split.nearDuplicates, .choice,
      "The same photograph encoded again or recropped: together (on one side of the split), ignore.",
      flag: .option("near-duplicates")),
    Setting(
      "group_by", \.split.groupColumn, SettingType.text.or("none"),
      "A column, such as the identity of a person: images with the same value in it are in one "
        + "split and one fold.", flag: .option("group-by", "column")),
    Setting(
      "codec", \.codec, .choice,
      "How pixels are stored: the smallest way, or one that any Zarr v3 reader opens.",
      flag: .option("codec")),
    Setting(
      "samples_per_shard", \.samplesPerShard, .int(shardSizes), "Images in a shard file.",
      flag: .option("samples-per-shard", "count")),
    Setting(
      "threads", \.threads, SettingType.int(1...1024).or("auto"),
      "Worker threads; auto for one per core.",
      flag: .option("threads"), role: .run),
    Setting(
      "max_rejects", \.maxRejects, RejectLimit.setting.or("none"),
      "Fail if more files are rejected.", flag: .option("max-rejects", "limit")),
    Setting(
      "strict", \.strict, .bool, "Reject names with an irregular timestamp too.",
      flag: .toggle("strict")),
  ])

  /// Width and height of images that can be stored and trained on, in pixels.
  package static let imageSizes = 32...1024
  package static let shardSizes = 1...65_536

  /// Checks ranges.
  ///
  /// - Throws: `PipelineError` for the first value that is out of range.
  package func validate(_ checks: SettingChecks = .flags) throws {
    try Self.table.check(self, checks, path: "prep")
  }

  var yaml: [(key: String, value: YAMLValue)] { Self.table.yaml(self, default: PrepSettings()) }
}

extension Stratification {
  static let setting = SettingType<Stratification>(
    "a list of different label columns", "or all or none", words: ["all", "none"],
    read: { node, _ in
      if node.plain == "none" { return Stratification.none }
      if node.plain == "all" { return .all }
      // A flag has them in one text.
      let texts =
        node.list.map { $0.compactMap(\.text) }
        ?? node.text.map { $0.split(separator: ",").map { String($0.drop { $0 == " " }) } }
      return texts.flatMap { $0.isEmpty ? nil : Stratification(of: $0) }
    },
    write: { rule in
      guard let names = rule.names else { return .plain("all") }
      return names.isEmpty ? .plain("none") : .list(names.map { .text($0) })
    })
}

extension SplitRule.Share {
  /// The shares of all splits, such as `train=0.8,validation=0.1,test=0.1`; only those besides train
  /// are kept. Not written where `validation` says the same.
  static let setting = SettingType<[SplitRule.Share]>(
    "shares of train and up to 15 other splits that sum to 1, such as train=0.8,validation=0.1,test=0.1",
    read: { node, _ in
      var shares: [SplitRule.Share] = []
      if let pairs = node.mapping {
        for (key, value) in pairs {
          guard let name = key.text, let share = value.number else { return nil }
          shares.append(SplitRule.Share(name, share))
        }
      } else {
        for part in (node.text ?? "").split(separator: ",", omittingEmptySubsequences: false) {
          let words = part.split(separator: "=", omittingEmptySubsequences: false)
          guard words.count == 2,
            let share = SettingNode(.scalar(String(words[1]), isPlain: true)).number
          else { return nil }
          shares.append(SplitRule.Share(String(words[0].drop { $0 == " " }), share))
        }
      }
      let sum = shares.reduce(0) { $0 + $1.share }
      guard (2...16).contains(shares.count), abs(sum - 1) < 1e-6,
        Set(shares.map(\.name)).count == shares.count, shares.allSatisfy({ $0.share >= 0 }),
        let train = shares.first(where: { $0.name == SplitRule.train }), train.share > 0
      else { return nil }
      return shares.filter { $0.name != SplitRule.train }
    },
    accepts: { $0.allSatisfy { SplitRule.isSplitName($0.name) } },
    write: { heldOut in
      guard heldOut.map(\.name) != ["validation"], !heldOut.isEmpty else { return nil }
      let rest = 1 - heldOut.reduce(0) { $0 + $1.share }
      return .mapping(
        ([SplitRule.Share(SplitRule.train, rest)] + heldOut).map { ($0.name, .number($0.share)) })
    })
}

extension SplitRule {
  /// Whether a folder of a store can have this name.
  package static func isSplitName(_ name: String) -> Bool {
    Column.nameProblem(name) == nil && name.utf8.count <= 31
  }
}

extension SettingType<[String]> {
  /// Nothing, a path, or a list of paths.
  static let paths = Self(
    "a path, or a list of paths",
    read: { node, _ in
      if let list = node.list {
        let texts = list.compactMap(\.text)
        return texts.count == list.count ? texts : nil
      }
      return node.isNull ? nil : node.text.map { [$0] }
    },
    write: {
      guard let first = $0.first else { return nil }
      return $0.count == 1 ? .text(first) : .list($0.map { .text($0) })
    })
}

extension RejectLimit {
  static let setting = SettingType<RejectLimit>(
    "a number of files, or a share such as 2%",
    read: { node, _ in node.text.flatMap { RejectLimit($0) } }, write: { .plain($0.text) })
}
