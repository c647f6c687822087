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
      "validation", \.split.validation, .number(0..<1), "Share of the images that validate.",
      flag: .option("validation", "share")),
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
    "a list of different names of", names.joined(separator: ", ") + ", or none", words: names,
    read: { node, _ in
      if node.plain == "none" { return Stratification.none }
      // A flag has them in one text.
      let texts =
        node.list.map { $0.compactMap(\.text) }
        ?? node.text.map { $0.split(separator: ",").map { String($0.drop { $0 == " " }) } }
      return texts.flatMap { $0.isEmpty ? nil : Stratification(names: $0) }
    }, write: { $0.isEmpty ? .plain("none") : .list($0.names.map { .text($0) }) })
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
