import Checksums
import Experiment
import Faces
import Files
import Foundation
import Images
import Store
import Threads

/// Everything that a build depends on; made from a pipeline's `prep:` section.
package struct BuildOptions: Sendable {
  /// A folder, or archives; empty for a merge, which reads no source.
  package let sources: [String]
  /// Archives are files, whatever they are called.
  package private(set) var isOfArchives: Bool
  package let output: String
  package let layout: ImageLayout
  package let split: SplitRule
  package let labelSettings: LabelSettings
  package let strict: Bool
  package let threads: Int
  package let maxRejects: RejectLimit?
  /// Whether a store that is there already and was built from other input may be replaced.
  package let force: Bool
  /// A store whose samples are copied where their files are the same; besides the one at `output`.
  package let reuse: String?
  /// Whether nothing is to be written beside the output, temporary files included.
  private var leavesOutputAlone = false

  /// - Throws: `BuildError` where source or output is not given; the errors of the values made.
  package init(_ prep: PrepSettings, force: Bool = false, reuse: String? = nil) throws {
    guard !prep.source.isEmpty else {
      throw BuildError(
        .input,
        "no source folder or archive: give one, as in utk-prep build data/raw/UTKFace --output DIR, or "
          + "prep: source: in the pipeline file")
    }
    try self.init(
      prep, sources: prep.source.map(Self.withoutTrailingSlashes), force: force, reuse: reuse)
  }

  /// The options of a merge.
  package init(merging prep: PrepSettings, force: Bool = false) throws {
    try self.init(prep, sources: [], force: force, reuse: nil)
  }

  private init(_ prep: PrepSettings, sources: [String], force: Bool, reuse: String?) throws {
    guard let output = prep.output else {
      throw BuildError(
        .input, "no output folder: give --output DIR, or prep: output: in the pipeline file")
    }
    self.sources = sources
    isOfArchives = sources.count > 1 || sources.first.map { isRegularFile($0) } ?? false
    self.output = try followingLinks(Self.withoutTrailingSlashes(output))
    layout = try ImageLayout(
      size: prep.size, samplesPerShard: prep.samplesPerShard,
      codec: prep.codec)
    split = prep.split
    labelSettings = prep.labels
    strict = prep.strict
    threads = prep.threads ?? availableCoreCount()
    maxRejects = prep.maxRejects
    self.force = force
    self.reuse = reuse
  }

  /// The sources, for messages.
  var sourceTitle: String { sources.isEmpty ? partsFolder : sources.joined(separator: ", ") }

  /// The same of parts, which say themselves what their source was.
  func ofArchives(_ isOfArchives: Bool) -> BuildOptions {
    var options = self
    options.isOfArchives = isOfArchives
    return options
  }

  /// The same with temporary files in the system's folder for them.
  func leavingOutputAlone() -> BuildOptions {
    var options = self
    options.leavesOutputAlone = true
    return options
  }

  static func withoutTrailingSlashes(_ path: String) -> String {
    var path = path[...]
    while path.count > 1, path.last == "/" { path.removeLast() }
    return String(path)
  }

  /// Where identical files may be on both sides of the split, nearly equal ones may, too.
  var joinsNearDuplicates: Bool {
    split.nearDuplicates == .together && split.duplicates != .ignore
  }

  /// What decides the record of a photograph, besides its content and path.
  private var recordRecipe: [String: JSONValue] {
    [
      "format": .integer(StoreFormat.version), "size": .integer(layout.size),
      "codec": .string(layout.codec.rawValue), "strict": .bool(strict),
    ]
  }

  /// What a segment holds that is this part of the photographs.
  func segmentIdentity(of part: PartNumber) throws -> SegmentIdentity {
    let recipe = try JSONValue.object(recordRecipe).encoded()
    return SegmentIdentity(
      part: part.number, partCount: part.count,
      recipe: recipe.withUnsafeBytes { SourceHash(of: $0).bytes })
  }

  /// What must be the same for all parts: what decides the records and whose they are.
  func partSettings(_ labels: any LabelSource) -> [String: JSONValue] {
    let digest = Array(labels.identity.utf8).withUnsafeBytes { SHA256Digest.hex(of: $0) }
    let added: [String: JSONValue] = [
      "archives": .bool(isOfArchives), "labels_sha256": .string(digest),
    ]
    return recordRecipe.merging(added) { a, _ in a }
  }

  /// Temporary files lie on the disk that the store will lie on, unless that may only be read. 256
  /// KiB are about 10,000 files of a list: larger data sets take no more memory.
  var spool: Spool {
    let folder = parentFolder(of: output)
    let isUsable = !leavesOutputAlone && (!isFolder(folder) || access(folder, W_OK) == 0)
    return Spool(
      folder: isUsable ? folder : FileManager.default.temporaryDirectory.path, memory: 1 << 18)
  }

  /// Decides what it means that a file cannot be read.
  ///
  /// - Throws: `BuildError` where that is no fault of the file, or nobody said that files may be
  ///   rejected: data would go missing for a reason that is not the data's.
  func checkIsReject(_ error: ImageError) throws(BuildError) {
    guard error.reason == .unreadable else { return }
    guard [0, EACCES, EPERM, ELOOP].contains(error.code) else {
      throw BuildError(
        .machine, "\(error); what was finished is kept, and the same command goes on from it")
    }
    guard maxRejects != nil else {
      throw BuildError(
        .input,
        "\(error); make it readable or remove it, or allow --max-rejects 1 to build without it")
    }
  }

  /// - Throws: `BuildError` where more files are rejected than allowed.
  func checkRejects(_ count: Int, of found: Int) throws(BuildError) {
    guard let limit = maxRejects, count > limit.allowed(of: found) else { return }
    throw BuildError(
      .tooManyRejects,
      "\(count) of \(found) files are rejected, more than the \(limit.text) of --max-rejects; "
        + "look at the names and files, or raise it")
  }

  /// The folder that is filled before it takes the output's name.
  var partialFolder: String { output + ".partial" }
  /// The segment that photographs are gathered in.
  var segmentFolder: String { "\(partialFolder)/\(Self.segmentName)" }
  static let segmentName = ".hydranet.segment"
  /// Where the segments of parts are, each in a folder of its own.
  var partsFolder: String { output + ".parts" }
  func folder(of part: PartNumber) -> String { "\(partsFolder)/\(part.folderName)" }
  /// Which paths below the partial folder are files of a build.
  static func isOwn(_ path: String) -> Bool {
    StoreFormat.isStoreFile(path) || segmentFiles.contains(path)
  }
  static let segmentFiles = Set(SegmentIdentity.files.map { "\(segmentName)/\($0)" })
  var rejectsPath: String { RejectList.path(ofStore: output) }
}
