import Foundation
import WeightFiles

/// A file of the folder `Golden`.
func golden(_ name: String) -> String {
  Bundle.module.bundleURL.appending(path: "Golden/\(name)").path(percentEncoded: false)
}

func goldenBytes(_ name: String) throws -> [UInt8] {
  [UInt8](try Data(contentsOf: URL(filePath: golden(name))))
}

/// A folder of its own for one test, removed with the last reference.
final class Scratch {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appending(
      path: "modelfiles-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path(percentEncoded: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and gives its path.
  func file(_ bytes: [UInt8], _ name: String = "file") throws -> String {
    let path = "\(path)/\(name)"
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }

  func contents() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }
}

/// The sentence with which a file of these bytes is refused, or nil where it is read.
func refusal(of bytes: [UInt8]) throws -> String? {
  let scratch = try Scratch()
  let path = try scratch.file(bytes)
  do {
    _ = try TensorFile.read(path)
    return nil
  } catch {
    precondition(error.path == path)
    return error.message
  }
}

/// The rule of make_golden.py for floating-point values.
func goldenFloats(_ count: Int) -> [Float] {
  (0..<count).map { Float($0 * 37 % 101 - 50) / 8 }
}

func littleEndian<Integer: FixedWidthInteger>(_ value: Integer) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
