import Experiment
import Faces
import Files
import Store
import Threads

/// Everything that a build depends on; made from a pipeline's `prep:` section.
package struct BuildOptions: Sendable {
  package let source: String
  package let output: String
  package let layout: ImageLayout
  package let split: SplitRule
  package let strict: Bool
  package let threads: Int
  package let maxRejects: RejectLimit?
  /// Whether a store that is there already and was built from other input may be replaced.
  package let force: Bool

  /// - Throws: `BuildError` where source or output is not given; the errors of the values made.
  package init(_ prep: PrepSettings, force: Bool = false) throws {
    guard let source = prep.source else {
      throw BuildError(
        .input,
        "no source folder: give one, as in utk-prep build data/raw/UTKFace --output DIR, or "
          + "prep: source: in the pipeline file")
    }
    guard let output = prep.output else {
      throw BuildError(
        .input, "no output folder: give --output DIR, or prep: output: in the pipeline file")
    }
    self.source = Self.withoutTrailingSlashes(source)
    self.output = try followingLinks(Self.withoutTrailingSlashes(output))
    layout = try ImageLayout(
      size: prep.size, samplesPerShard: prep.samplesPerShard,
      codec: prep.codec)
    split = prep.split
    strict = prep.strict
    threads = prep.threads ?? availableCoreCount()
    maxRejects = prep.maxRejects
    self.force = force
  }

  private static func withoutTrailingSlashes(_ path: String) -> String {
    var path = path[...]
    while path.count > 1, path.last == "/" { path.removeLast() }
    return String(path)
  }

  /// What decides the bytes of the store, besides the files.
  var recipe: JSONValue {
    [
      "size": .integer(layout.size), "codec": .string(layout.codec.rawValue),
      "samples_per_shard": .integer(layout.samplesPerShard),
      "validation": .number(split.validation), "seed": .string("\(split.seed)"),
      "stratify": .string(split.stratification.description),
      "duplicates": .string(split.duplicates.rawValue), "strict": .bool(strict),
    ]
  }

  /// Temporary files lie on the disk that the store will lie on. 256 KiB are about 10,000 files of
  /// a list: larger data sets take no more memory.
  var spool: Spool { Spool(folder: parentFolder(of: output), memory: 1 << 18) }

  /// The folder that is filled before it takes the output's name.
  var partialFolder: String { output + ".partial" }
  /// What of that folder is finished; see `BuildJournal`.
  var journalPath: String { "\(partialFolder)/\(Self.journalName)" }
  static let journalName = ".hydranet.journal"
  var rejectsPath: String { output + ".rejects.jsonl" }
}
