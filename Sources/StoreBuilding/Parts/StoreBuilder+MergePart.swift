import Files
import Store
import Terminal

/// What `merge --part` did.
package struct MergePartSummary: Sendable {
  package let part: PartNumber
  /// Where its shards are.
  package let folder: String
  /// Shards of this part, and of the whole store.
  package var shards = 0
  package var allShards = 0
  package var samples = 0
  package var seconds = 0.0

  package var json: JSONValue {
    [
      "part": .integer(part.number), "parts": .integer(part.count), "folder": .string(folder),
      "shards": .integer(shards), "all_shards": .integer(allShards), "samples": .integer(samples),
      "seconds": .number(seconds),
    ]
  }
}

extension StoreBuilder {
  /// Plans the store of all parts, and writes those of its shards whose number modulo `part.count` is
  /// `part.number`, for `merge` to move into the store.
  ///
  /// - Throws: `MissingParts`, and as `merge`.
  package static func merge(
    _ options: BuildOptions, part: PartNumber, showsProgress: Bool? = nil
  ) throws -> MergePartSummary {
    let (builder, parts) = try merging(options, showsProgress)
    return try builder.merge(parts, part)
  }

  private func merge(_ parts: PartFolders, _ part: PartNumber) throws -> MergePartSummary {
    let started = ContinuousClock.now
    try place.check()
    let (records, rules) = try open(parts)
    let plan = try BuildPlan(records, options, rules)
    let folder = "\(options.partsFolder)/\(WrittenShards.folderPrefix)\(part.folderName)"
    let output = try OutputFolder(staging: folder, isOwn: WrittenShards.isOwn)
    try output.removeOwnFiles()
    var summary = MergePartSummary(part: part, folder: folder)
    let copy = try ShardCopy(
      plan.splits, of: records, to: storeWriter(plan, records, rules, in: output.path),
      threads: options.threads, where: { part.holds(UInt64($0)) }, progress("writing", nil)
    )
    summary.allShards = copy.shardCount
    for split in copy.splits {
      summary.shards += split.files.count
      summary.samples += split.sampleCount
    }
    let manifest = try WrittenShards.manifest(
      copy.splits.flatMap(\.files), plan: rules.planDigest(of: plan.fingerprint))
    try AtomicFile.write(manifest, to: "\(output.path)/\(WrittenShards.manifestFile)")
    try output.publish(replacing: exists(folder) ? { WrittenShards.isOwn($0) } : nil)
    summary.seconds = seconds(since: started)
    return summary
  }
}
