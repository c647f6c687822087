import Files
import Store

/// The place of a store that is to be made, and what is there already.
struct StorePlace {
  let path: String
  /// Whether a store of other input may be replaced.
  let force: Bool

  init(_ path: String, force: Bool) {
    self.path = path
    self.force = force
  }

  /// Whether a store is to be replaced.
  var isTaken: Bool { exists("\(path)/\(StoreFormat.rootMetadataFile)") }

  /// - Returns: whether a store is to be replaced.
  /// - Throws: `FileError` where its folder holds other files, too.
  func checkReplaced() throws -> Bool {
    guard isTaken else { return false }
    try OutputFolder.checkForeign(in: path, isOwn: StoreReader.ownFiles(at: path))
    return true
  }

  /// Refuses at once what could not be published at the end.
  func check() throws {
    guard ![".", ".."].contains(path.split(separator: "/").last ?? ".") else {
      throw BuildError(.output, "\"\(path)\" is not a valid store name; choose another --output")
    }
    if let store = try foldersAround(path).first(where: Self.isStore) {
      throw BuildError(
        .output, "\(path) lies in the store \(store), and would damage it; choose another --output")
    }
    guard exists(path) else { return }
    guard isFolder(path) else {
      throw BuildError(.output, "\(path) is a file; choose another --output")
    }
    let isEmpty = try namesAsBytes(in: path).isEmpty
    guard isEmpty || isTaken else {
      throw BuildError(
        .output,
        "\(path) holds other files than a store; choose another --output, or remove it yourself")
    }
  }

  /// Whether a folder is a store, sound or not.
  private static func isStore(_ folder: String) throws -> Bool {
    guard exists("\(folder)/\(StoreFormat.rootMetadataFile)") else { return false }
    do {
      _ = try StoreReader(path: folder)
      return true
    } catch let error as StoreError { return error.kind != .notAStore }
  }

  /// The store that is there; nil where there is none. A damaged one may be replaced, but not
  /// without `--force`.
  func existingStore() throws -> StoreReader? {
    guard isTaken else { return nil }
    do {
      return try StoreReader(path: path)
    } catch let error as StoreError where error.kind == .notAStore {
      // Not even --force removes what another program made.
      throw BuildError(
        .output, "\(path) holds Zarr data that no utk-prep made; choose another --output")
    } catch {
      guard force else {
        throw BuildError(
          .output, "\(path) is there, but not sound (\(error)); add --force to replace it")
      }
      return nil
    }
  }

  func checkMayBeReplaced(_ existing: StoreReader) throws(BuildError) {
    guard !force else { return }
    guard existing.schema.version == StoreFormat.version else {
      throw BuildError(
        .output,
        "\(path) is a store of format version \(existing.schema.version); add --force to write it "
          + "again as version \(StoreFormat.version), or choose another --output")
    }
    throw BuildError(
      .output,
      "\(path) is a store built from other files or options; add --force to replace it, or choose "
        + "another --output")
  }
}
