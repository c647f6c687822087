extension TensorFile {
  /// Reads a file of weights, whose format is told by its first bytes and not by its name.
  ///
  /// - Throws: `ModelFileError` where the file is of no known format, damaged, or hostile.
  ///   Nothing in a file is ever executed.
  public static func read(_ path: String) throws(ModelFileError) -> TensorFile {
    let file = try MappedFile(path: path)
    return try SafetensorsReader.read(file)
  }
}
