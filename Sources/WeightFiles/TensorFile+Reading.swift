import Files

extension TensorFile {
  /// Reads a file of weights: safetensors, or one of PyTorch's three formats. Which it is, its first
  /// bytes tell, not its name.
  ///
  /// - Throws: `ModelFileError` where the file is of no known format, damaged, or hostile.
  ///   Nothing in a file is ever executed.
  package static func read(_ path: String) throws(ModelFileError) -> TensorFile {
    let outcome: Result<TensorFile, ModelFileError>
    do throws(FileError) {
      let file = try MappedFile(path: path)
      guard !file.bytes.isEmpty else {
        throw FileError(path, "is empty, expected a file of weights")
      }
      outcome = Result { () throws(ModelFileError) in try read(file) }
      // What is missing reads as zeros, which no reader's complaint should be about.
      try file.checkWhole()
    } catch {
      throw ModelFileError(path: error.path, message: error.message)
    }
    return try outcome.get()
  }

  private static func read(_ file: MappedFile) throws(ModelFileError) -> TensorFile {
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
