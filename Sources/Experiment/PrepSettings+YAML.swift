extension PrepSettings {
  static let keys = [
    "source", "output", "size", "validation", "seed", "stratify", "duplicates", "codec",
    "samples_per_shard", "threads", "max_rejects", "strict",
  ]

  mutating func read(_ reader: MappingReader) throws {
    if let value = try reader.string("source") { source = value }
    if let value = try reader.string("output") { output = value }
    if let value = try reader.int("size") { size = value }
    if let value = try reader.double("validation") { split.validation = value }
    if let value = try reader.seed("seed") { split.seed = value }
    if let names = try reader.strings("stratify") {
      guard let value = Stratification(names: names) else {
        let known = Stratification.names
        let name = names.first { !known.contains($0) }
        throw reader.source.error(
          reader.fullName("stratify"), reader.node("stratify")?.line,
          expected: "none or a list of different names of " + known.joined(separator: ", "),
          got: quoted(name ?? names.joined(separator: ", ")),
          hint: name.flatMap { nearestName(to: $0, in: known) }.map { "did you mean \($0)?" })
      }
      split.stratification = value
    }
    if let value = try reader.choice("duplicates", DuplicatePolicy.self) {
      split.duplicates = value
    }
    if let value = try reader.choice("codec", PixelCodec.self) { codec = value }
    if let value = try reader.int("samples_per_shard") { samplesPerShard = value }
    if let value = try reader.int("threads", orWord: "auto") { threads = value }
    if let node = reader.node("max_rejects") {
      if node.plain == "none" {
        maxRejects = nil
      } else if let limit = node.text.flatMap({ RejectLimit($0) }) {
        maxRejects = limit
      } else {
        throw reader.error(
          "max_rejects", node, expected: "a number of files, a share such as 2%, or none")
      }
    }
    if let value = try reader.bool("strict") { strict = value }
  }

  /// Checks ranges and names.
  ///
  /// - Throws: `PipelineError` for the first value that is out of range.
  package func validate(_ checks: SettingChecks = .flags) throws {
    try checks.range("prep.size", size, 8...1024)
    try checks.range("prep.validation", split.validation, 0..<1)
    try checks.range("prep.samples_per_shard", samplesPerShard, 1...1_048_576)
    if let threads { try checks.range("prep.threads", threads, 1...1024) }
  }

  var yaml: [(key: String, value: YAMLValue)] {
    var pairs: [(key: String, value: YAMLValue)] = []
    if let source { pairs.append(("source", .text(source))) }
    if let output { pairs.append(("output", .text(output))) }
    pairs += [
      ("size", .number(size)),
      ("validation", .number(split.validation)),
      ("seed", .plain("\(split.seed)")),
      ("stratify", .strings(split.stratification.names)),
      ("duplicates", .plain(split.duplicates.rawValue)),
      ("codec", .plain(codec.rawValue)),
      ("samples_per_shard", .number(samplesPerShard)),
      ("threads", .number(threads, or: "auto")),
      ("max_rejects", .plain(maxRejects?.text ?? "none")),
      ("strict", .bool(strict)),
    ]
    return pairs
  }
}
