import Foundation

/// The image files that arguments name: files as they are, folders with all JPEG and PNG files
/// below them, in the order of their names.
///
/// - Throws: `TrainingError` for an argument that is not there, or if no image is found.
package func imageFiles(in arguments: [String]) throws -> [String] {
  var files: [String] = []
  for argument in arguments {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: argument, isDirectory: &isFolder) else {
      throw TrainingError("\(argument) does not exist; name image files or folders of them")
    }
    guard isFolder.boolValue else {
      files.append(argument)
      continue
    }
    // An enumerator does not follow a link that it starts at.
    let folder = URL(fileURLWithPath: argument).resolvingSymlinksInPath().path
    guard let paths = FileManager.default.enumerator(atPath: folder) else {
      throw TrainingError("\(argument) cannot be read")
    }
    let images = paths.compactMap { $0 as? String }.filter(hasImageExtension).sorted()
    files += images.map { "\(argument)/\($0)" }
  }
  guard !files.isEmpty else {
    throw TrainingError(
      "there is no JPEG or PNG file in \(arguments.joined(separator: ", "))")
  }
  return files
}

private func hasImageExtension(_ path: String) -> Bool {
  let end = path.utf8.suffix(5).map { $0 | 0x20 }
  return [".jpg", ".jpeg", ".png"].contains { end.suffix($0.utf8.count).elementsEqual($0.utf8) }
}
