import Files
import Images

/// The folder of a synthetic data set on disk, claimed for as long as this object lives.
final class SyntheticFolder {
  private let claim: OutputFolder
  private let own: OwnFiles

  /// The names of the files that an earlier run wrote. They are known once the folder is claimed.
  private final class OwnFiles {
    var names: Set<String> = []
  }

  /// - Throws: `FileError` where another process writes the folder, or it cannot be made.
  init(claiming path: String) throws(FileError) {
    let own = OwnFiles()
    self.own = own
    claim = try OutputFolder(claiming: path) { own.names.contains($0) }
  }

  /// Empties the folder of what an earlier run wrote, and writes the manifest.
  ///
  /// - Throws: `FileError` where there are files that no run wrote.
  func prepare(for names: [String]) throws {
    let manifest = "\(claim.path)/\(SyntheticDataset.manifestName)"
    // A link in the manifest's place is none of ours, and so are the files that it lists.
    if isRegularFile(manifest, followingLinks: false) {
      let lines = String(decoding: try readFile(manifest, limit: 1 << 30), as: UTF8.self)
      own.names = Set(lines.split(separator: "\n").map(String.init))
      own.names.insert(SyntheticDataset.manifestName)
    }
    try OutputFolder.checkForeign(in: claim.path) { [own] in own.names.contains($0) }
    // The manifest stays until it is replaced: it must list whatever a run that is killed leaves.
    try claim.removeOwnFiles(keeping: [SyntheticDataset.manifestName])
    try AtomicFile.write(names.joined(separator: "\n").utf8, to: manifest)
  }
}

/// What one thread needs to draw and write files.
final class SyntheticStudio {
  private let seed: UInt64
  private let painter = FacePainter()
  private let writer = JPEGWriter(quality: 90)
  private var image = RGBImage(width: FacePainter.side, height: FacePainter.side)

  init(seed: UInt64) { self.seed = seed }

  /// Writes a file, which must be new: what appeared there meanwhile is the user's. It is not
  /// synced, which would take longer than the drawing: the same command makes the same bytes again.
  func write(_ file: SyntheticFile, to directory: String) throws {
    try AppendedFile(path: "\(directory)/\(file.name)", isNew: true).append(bytes(of: file))
  }

  private func bytes(of file: SyntheticFile) throws -> [UInt8] {
    if file.content == .text { return Array("This is no image, whatever its name says.\n".utf8) }
    painter.draw(FaceParameters(seed: seed, index: file.index), into: &image)
    let bytes = try writer.encode(image)
    return file.content == .truncatedFace ? Array(bytes[..<(bytes.count / 2)]) : bytes
  }
}
