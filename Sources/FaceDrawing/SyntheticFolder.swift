import Glibc
import Images

/// The folder of a synthetic data set on disk.
struct SyntheticFolder {
  let path: String

  /// Makes the folder, or empties it of what an earlier run wrote, and writes the manifest.
  func prepare(for names: [String]) throws(SyntheticDatasetError) {
    if mkdir(path, 0o777) != 0 {
      guard errno == EEXIST else { throw failure("make the folder", path) }
      try clear()
    }
    try writeFile(
      Array(names.joined(separator: "\n").utf8), to: "\(path)/\(SyntheticDataset.manifestName)")
  }

  private func clear() throws(SyntheticDatasetError) {
    let present = try entries()
    if present.isEmpty { return }
    let manifest = "\(path)/\(SyntheticDataset.manifestName)"
    let own = Set(try present.contains(SyntheticDataset.manifestName) ? lines(of: manifest) : [])
    let foreign = present.filter { $0 != SyntheticDataset.manifestName && !own.contains($0) }
    if let first = foreign.min() {
      throw SyntheticDatasetError(
        "\(path) holds \(foreign.count) files that were not drawn, such as \(first);"
          + " choose an empty folder or a new one")
    }
    for name in present where name != SyntheticDataset.manifestName {
      guard unlink("\(path)/\(name)") == 0 else { throw failure("remove", "\(path)/\(name)") }
    }
  }

  private func entries() throws(SyntheticDatasetError) -> [String] {
    guard let stream = opendir(path) else { throw failure("list", path) }
    defer { closedir(stream) }
    var names = [String]()
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  private func lines(of file: String) throws(SyntheticDatasetError) -> [String] {
    guard let stream = fopen(file, "r") else { throw failure("read", file) }
    defer { fclose(stream) }
    var text = [UInt8]()
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, stream)
      if count == 0 { break }
      text += buffer[..<count]
    }
    return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}

/// What one thread needs to draw and write files.
final class SyntheticStudio {
  private let seed: UInt64
  private let painter = FacePainter()
  private let writer = JPEGWriter(quality: 90)
  private var image = RGBImage(width: FacePainter.side, height: FacePainter.side)

  init(seed: UInt64) { self.seed = seed }

  func write(_ file: SyntheticFile, to directory: String) throws {
    try writeFile(bytes(of: file), to: "\(directory)/\(file.name)")
  }

  private func bytes(of file: SyntheticFile) throws -> [UInt8] {
    if file.content == .text { return Array("This is no image, whatever its name says.\n".utf8) }
    painter.draw(FaceParameters(seed: seed, index: file.index), into: &image)
    let bytes = try writer.encode(image)
    return file.content == .truncatedFace ? Array(bytes[..<(bytes.count / 2)]) : bytes
  }
}

/// Replaces the file at `path`.
func writeFile(_ bytes: [UInt8], to path: String) throws(SyntheticDatasetError) {
  guard let stream = fopen(path, "w") else { throw failure("write", path) }
  let written = fwrite(bytes, 1, bytes.count, stream)
  let error = errno
  // Closing writes what is still buffered, and may find the disk full.
  guard fclose(stream) == 0, written == bytes.count else {
    if written != bytes.count { errno = error }
    throw failure("write", path)
  }
}

private func failure(_ action: String, _ path: String) -> SyntheticDatasetError {
  SyntheticDatasetError(
    "cannot \(action) \(path): \(String(cString: strerror(errno)))")
}
