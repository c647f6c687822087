import Experiment
import Foundation
import StoreBuilding

/// An uncompressed PNG (RFC 2083; stored blocks of RFC 1951), written by the fewest means, so that
/// these tests need no encoder of ours.
func pngFile(width: Int, height: Int, pixel: (Int, Int, Int) -> UInt8) -> [UInt8] {
  var rows: [UInt8] = []
  for y in 0..<height {
    rows.append(0)
    for x in 0..<width { for channel in 0..<3 { rows.append(pixel(x, y, channel)) } }
  }
  var stream: [UInt8] = [0x78, 0x01]
  for start in stride(from: 0, to: rows.count, by: 65_535) {
    let part = rows[start..<min(start + 65_535, rows.count)]
    stream.append(start + 65_535 >= rows.count ? 1 : 0)
    let count = UInt16(part.count)
    stream += [UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8)]
    stream += part
  }
  var a: UInt32 = 1
  var b: UInt32 = 0
  for byte in rows {
    a = (a + UInt32(byte)) % 65_521
    b = (b + a) % 65_521
  }
  stream += bigEndian(b << 16 | a)
  return [137, 80, 78, 71, 13, 10, 26, 10]
    + chunk("IHDR", bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [8, 2, 0, 0, 0])
    + chunk("IDAT", stream) + chunk("IEND", [])
}

private func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
  let body = Array(type.utf8) + data
  var crc: UInt32 = 0xffff_ffff
  for byte in body {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
  }
  return bigEndian(UInt32(data.count)) + body + bigEndian(~crc)
}

private func bigEndian(_ value: UInt32) -> [UInt8] {
  (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * $0)) }
}

/// A folder of small faces with UTKFace names, removed at the end of `body`.
///
/// `count` good images, each its own colors; then the files of `extra`.
func withFaces<R>(
  count: Int = 40, extra: [String: [UInt8]] = [:], _ body: (_ folder: String) throws -> R
) throws -> R {
  let folder = NSTemporaryDirectory() + "/faces-\(UUID().uuidString)"
  let faces = folder + "/faces"
  try FileManager.default.createDirectory(atPath: faces, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  for i in 0..<count {
    let name = "\(1 + i % 90)_\(i % 2)_\(i % 5)_\(20_170_101_000_000_000 + i).jpg"
    let bytes = pngFile(width: 12, height: 10) { x, y, c in
      UInt8(truncatingIfNeeded: x * 9 + y * 5 + c * 40 + i * 13)
    }
    try Data(bytes).write(to: URL(fileURLWithPath: "\(faces)/\(name)"))
  }
  for (name, bytes) in extra {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(faces)/\(name)"))
  }
  return try body(folder)
}

/// A face that is read.
let goodFace = pngFile(width: 4, height: 4) { x, y, c in UInt8(x + y + c) }

/// Builds a small store from the folder of `withFaces`.
func build(
  _ folder: String, output: String = "store", force: Bool = false, reuse: String? = nil,
  _ change: (inout PrepSettings) -> Void = { _ in }
) throws -> BuildSummary {
  var prep = PrepSettings()
  prep.source = [folder + "/faces"]
  prep.output = "\(folder)/\(output)"
  prep.size = 8
  prep.samplesPerShard = 8
  prep.threads = 2
  // The drawn faces are gradients, which are all alike.
  prep.split.nearDuplicates = .ignore
  change(&prep)
  return try StoreBuilder(BuildOptions(prep, force: force, reuse: reuse), showsProgress: false)
    .run()
}
