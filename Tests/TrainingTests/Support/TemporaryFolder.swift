import Foundation

/// A folder of its own for a test, gone with the value.
final class TemporaryFolder {
  let path = "\(TemporaryFolder.base)/hydra-train-\(UUID().uuidString)"

  /// In memory where there is room: runs bring hundreds of megabytes to disk and wait for it.
  private static let base: String = {
    let memory = "/dev/shm"
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: memory)
    let free = (attributes?[.systemFreeSize] as? NSNumber)?.int64Value ?? 0
    return free > 4 << 30 && FileManager.default.isWritableFile(atPath: memory)
      ? memory : FileManager.default.temporaryDirectory.path
  }()

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func contents() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }
}
