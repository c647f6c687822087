import Files

extension TensorFile {
  /// Reads a file of weights: safetensors, or one of PyTorch's three formats. Which it is, its first
  /// bytes tell, not its name.
  ///
  /// - Throws: `FileError` where the file is of no known format, damaged, or hostile.
  ///   Nothing in a file is ever executed.
  package static func read(_ path: String) throws(FileError) -> TensorFile {
    guard !isFolder(path) else { throw FileError(path, folderAdvice(path)) }
    let file = try MappedFile(path: path)
    guard !file.bytes.isEmpty else { throw FileError(path, "is empty, expected a file of weights") }
    let outcome = Result { () throws(FileError) in try read(file) }
    // What is missing reads as zeros, which no reader's complaint should be about.
    try file.checkWhole()
    return try outcome.get()
  }

  /// What to give instead of a folder: a run's best weights, or whatever weights are in it.
  private static func folderAdvice(_ path: String) -> String {
    let names = ((try? namesAsBytes(in: path)) ?? []).map { String(decoding: $0, as: UTF8.self) }
    let endings = [".safetensors", ".pth", ".pt", ".ckpt", ".bin"]
    let weights = names.filter { name in endings.contains(where: name.hasSuffix) }.sorted()
    let usual = ["best.safetensors", "last.safetensors", "model.safetensors"]
    guard let name = usual.first(where: weights.contains) ?? weights.first else {
      return
        "is a folder without weights; give a file of weights, such as best.safetensors of a run"
    }
    let folder = path.hasSuffix("/") ? path : path + "/"
    return "is a folder; give the file of weights in it, such as \(folder)\(name)"
  }

  private static func read(_ file: MappedFile) throws(FileError) -> TensorFile {
    let start = file.bytes.prefix(9)
    if start.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return try TorchReader.readZip(file) }
    // A safetensors header of 640 to 1408 bytes could begin alike; its JSON begins at byte 8.
    let isJSON = start.last == UInt8(ascii: "{")
    if start.count > 8, start[0] == 0x80, (2...5).contains(start[1]), !isJSON {
      return try TorchReader.readLegacy(file)
    }
    if file.bytes.count >= 262, file.bytes[257..<262].elementsEqual("ustar".utf8) {
      return try TorchReader.readTar(file)
    }
    return try SafetensorsReader.read(file)
  }
}
