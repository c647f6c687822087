import Foundation
import Images
import Testing

/// Files of the folder Golden, which make_golden.py wrote.
enum Golden {
  static func bytes(_ name: String) throws -> [UInt8] {
    let url = try #require(Bundle.module.url(forResource: "Golden/\(name)", withExtension: nil))
    return try Array(Data(contentsOf: url))
  }

  /// The rows of a table, split at tabs.
  static func table(_ name: String) throws -> [[String]] {
    String(decoding: try bytes(name), as: UTF8.self)
      .split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
  }
}

/// The 64-bit FNV-1a hash in 16 hexadecimal digits, as the tables have it.
func fnv(_ bytes: some Sequence<UInt8>) -> String {
  var value: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}

/// What the tables say of one image: width, height and hash, or "reject".
func outcome(of bytes: [UInt8], with decoder: ImageDecoder = ImageDecoder()) -> [String] {
  bytes.withUnsafeBytes { raw in
    guard let view = try? decoder.decode(raw, name: "test") else { return ["reject"] }
    return [String(view.width), String(view.height), fnv(view.bytes)]
  }
}

/// The error that decoding throws, or nil.
func failure(of bytes: [UInt8], limits: ImageLimits = ImageLimits()) -> ImageError? {
  bytes.withUnsafeBytes { raw in
    do throws(ImageError) {
      _ = try ImageDecoder(limits: limits).decode(raw, name: "25_0_1.jpg")
      return nil
    } catch {
      return error
    }
  }
}

/// A temporary folder that is removed with everything in it.
final class TemporaryFolder {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The bytes of every file by name, of a folder inside this one.
  func contents(of folder: String) throws -> [String: [UInt8]] {
    let base = "\(path)/\(folder)"
    var files = [String: [UInt8]]()
    for name in try FileManager.default.contentsOfDirectory(atPath: base) {
      files[name] = try Array(Data(contentsOf: URL(fileURLWithPath: "\(base)/\(name)")))
    }
    return files
  }
}
