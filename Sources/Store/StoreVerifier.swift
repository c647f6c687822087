import Checksums
import Experiment
import Files

/// Checks a whole store: every file's hash, every index, every sample's checksum and decoding.
package struct StoreVerifier {
  package struct Report: Sendable {
    package var fileCount = 0
    package var byteCount = 0
    package var sampleCount = 0
    /// In the order of the store's files; empty where the store is sound.
    package var problems: [StoreError] = []
  }

  /// Called now and then with the bytes hashed so far and all bytes.
  package typealias Progress = (_ done: Int, _ total: Int) throws -> Void

  /// Verifies the store at `path`. What is wrong is reported, not thrown.
  ///
  /// - Throws: whatever `progress` throws.
  package static func verify(
    path: String, progress: Progress = { _, _ in }
  ) rethrows -> Report {
    // What is found of a store that was replaced meanwhile says nothing about the one that is there.
    for _ in 0..<StoreFolder.attempts {
      let folder: StoreFolder
      do {
        folder = try StoreFolder(path)
      } catch {
        return Report(problems: [error as? StoreError ?? unexpected(error, path)])
      }
      let report = try verify(folder, progress: progress)
      if report.problems.isEmpty || folder.hasItsName { return report }
    }
    return Report(problems: [StoreFolder.changed(path)])
  }

  private static func verify(_ path: StoreFolder, progress: Progress) rethrows -> Report {
    var report = Report()
    let root: RootMetadata
    do {
      root = try StoreReader.readRoot(path)
    } catch {
      report.problems.append(error as? StoreError ?? unexpected(error, path.path))
      return report
    }
    let total = root.files.reduce(0) { $0 + $1.byteCount }
    // What has its size can be looked into, sample by sample.
    var files: [String: FileEntry] = [:]
    for entry in root.files {
      var isWhole = false
      report.fileCount += 1
      report.byteCount += entry.byteCount
      do {
        try path.checkSize(of: entry)
        isWhole = true
        let file = try path.map(entry.path)
        let got = SHA256Digest.hex(of: file.bytes)
        try file.checkWhole()
        if got != entry.sha256 {
          throw StoreError(
            .damaged, file: entry.path,
            "its SHA-256 is \(got.prefix(16))…, expected \(entry.sha256.prefix(16))…; "
              + "build the store again")
        }
      } catch {
        report.problems.append(error as? StoreError ?? unexpected(error, path.path))
      }
      files[entry.path] = isWhole ? entry : nil
      try progress(report.byteCount, total)
    }
    report.problems.append(contentsOf: unlistedFiles(folder: path, root: root))
    let listed = Set(root.files.map(\.path))
    for description in root.splits {
      try verifySamples(
        description, root: root, folder: path, listed: listed, files: files, report: &report
      ) { try progress(total, total) }
    }
    if report.problems.isEmpty, let problem = identityProblem(root, path) {
      report.problems.append(problem)
    }
    return report
  }

  /// Computes the identities again. Their bytes are covered by hashes; this finds a wrong writer.
  private static func identityProblem(_ root: RootMetadata, _ folder: StoreFolder) -> StoreError? {
    guard root.identity.contentSHA256 != nil else { return nil }
    do {
      let identity = try StoreIdentity(
        schema: root.schema, splits: root.splits, folder: folder, files: root.files)
      guard
        identity.contentSHA256 != root.identity.contentSHA256
          || identity.membersSHA256 != root.identity.membersSHA256
      else { return nil }
      return StoreError(
        .damaged, file: StoreFormat.rootMetadataFile,
        "its content_sha256 or members_sha256 is not that of its samples; build the store again")
    } catch {
      return error as? StoreError ?? unexpected(error, folder.path)
    }
  }

  /// Names the samples that are damaged, which a file's hash cannot.
  private static func verifySamples(
    _ description: SplitDescription, root: RootMetadata, folder: StoreFolder,
    listed: Set<String>, files: [String: FileEntry], report: inout Report,
    progress: () throws -> Void
  ) rethrows {
    let decoder = SampleDecoder(layout: root.schema.layout)
    let pixels = UnsafeMutablePointer<UInt8>.allocate(capacity: root.schema.layout.sampleByteCount)
    defer { pixels.deallocate() }
    let perShard = root.schema.layout.samplesPerShard
    for shard in 0..<root.schema.layout.shardCount(samples: description.sampleCount) {
      let path = StoreWriter.shardPath(split: description.name, shard: shard)
      let count = min(perShard, description.sampleCount - shard * perShard)
      guard listed.contains(path) else {
        // Once is enough: the number of shards is only what the metadata claims.
        report.problems.append(
          StoreError(.missingFile, file: path, "is not in the store's list of files"))
        return
      }
      guard let entry = files[path] else { continue }
      let reader: ShardReader
      do {
        reader = try ShardReader(
          folder: folder, entry: entry, capacity: perShard, sampleCount: count)
      } catch {
        report.problems.append(error as? StoreError ?? unexpected(error, folder.path))
        continue
      }
      for sample in 0..<count {
        if sample % 256 == 0 { try progress() }
        report.sampleCount += 1
        let problem = decoder.decode(reader.chunk(sample), into: pixels)
        do {
          try reader.checkWhole()
        } catch {
          report.problems.append(StoreError(error))
          break
        }
        if let problem {
          report.problems.append(StoreError(.damaged, file: path, sample: sample, problem))
        }
      }
    }
  }

  private static func unlistedFiles(folder: StoreFolder, root: RootMetadata) -> [StoreError] {
    let listed = Set(root.files.map(\.path))
      .union([StoreFormat.rootMetadataFile, OutputFolder.lockName])
    do {
      return try folder.files().filter { !listed.contains($0) }.map {
        StoreError(.damaged, file: $0, "is in the store's folder, but not in its list; remove it")
      }
    } catch {
      return [StoreError(error)]
    }
  }

  private static func unexpected(_ error: any Error, _ file: String) -> StoreError {
    (error as? FileError).map { StoreError($0) } ?? StoreError(.damaged, file: file, "\(error)")
  }
}
