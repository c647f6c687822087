extension PrepSettings {
  static let keys = [
    "source", "output", "size", "validation", "seed", "stratify", "duplicates", "codec",
    "samples_per_shard", "threads", "max_rejects", "strict",
  ]

  mutating func read(_ reader: MappingReader) throws {
    if let value = try reader.string("source") { source = value }
    if let value = try reader.string("output") { output = value }
    if let value = try reader.int("size") { size = value }
    if let value = try reader.double("validation") { validation = value }
    if let value = try reader.seed("seed") { seed = value }
    if let value = try reader.strings("stratify") { stratify = value }
    if let value = try reader.choice("duplicates", DuplicateHandling.self) { duplicates = value }
    if let value = try reader.choice("codec", PixelCodec.self) { codec = value }
    if let value = try reader.int("samples_per_shard") { samplesPerShard = value }
    if let value = try reader.int("threads", orWord: "auto") { threads = value }
    if let node = reader.node("max_rejects") {
      if reader.plain(node) == "none" {
        maxRejects = nil
      } else if let limit = node.scalar.flatMap({ RejectLimit($0.string) }) {
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
    try checks.range("prep.validation", validation, 0..<1)
    try checks.range("prep.samples_per_shard", samplesPerShard, 1...1_048_576)
    if let threads { try checks.range("prep.threads", threads, 1...1024) }
    for (index, name) in stratify.enumerated() {
      guard Self.stratifiable.contains(name), !stratify[..<index].contains(name) else {
        throw checks.error(
          "prep.stratify",
          expected: "none or a list of different names of "
            + Self.stratifiable.joined(separator: ", "), got: quoted(name),
          hint: nearestName(to: name, in: Self.stratifiable).map { "did you mean \($0)?" })
      }
    }
  }

  var yaml: [(key: String, value: YAMLValue)] {
    var pairs: [(key: String, value: YAMLValue)] = []
    if let source { pairs.append(("source", .text(source))) }
    if let output { pairs.append(("output", .text(output))) }
    pairs += [
      ("size", .number(size)),
      ("validation", .number(validation)),
      ("seed", .plain("\(seed)")),
      ("stratify", .strings(stratify)),
      ("duplicates", .plain(duplicates.rawValue)),
      ("codec", .plain(codec.rawValue)),
      ("samples_per_shard", .number(samplesPerShard)),
      ("threads", .number(threads, or: "auto")),
      ("max_rejects", .plain(maxRejects?.text ?? "none")),
      ("strict", .bool(strict)),
    ]
    return pairs
  }
}
