import Foundation
import Images
import Store
import Testing

/// What both programs make of files that are no plain photographs.
@Suite struct PhotographTests {
  private static let gif = Array("GIF89a\u{1}\0\u{1}\0".utf8)

  private func write(_ bytes: [UInt8], _ path: String) throws {
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
      withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  /// A picture without symmetry, as a JPEG that says how to show it.
  private func picture(orientation: UInt8) throws -> [UInt8] {
    var image = RGBImage(width: 48, height: 48, color: RGBColor(200, 120, 80))
    for y in 0..<20 {
      for x in 0..<10 { image[x, y] = RGBColor(10, UInt8(12 * y), UInt8(20 * x)) }
    }
    let jpeg = try JPEGWriter().encode(image)
    let exif: [UInt8] =
      Array("Exif\0\0MM\0*".utf8) + [0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation]
      + [0, 0, 0, 0, 0, 0]
    return jpeg.prefix(2) + [0xFF, 0xE1, 0, UInt8(exif.count + 2)] + exif + jpeg.dropFirst(2)
  }

  @Test func otherFormatsAreRejectedByName() throws {
    try withTemporaryFolder { folder in
      let faces = folder + "/faces"
      try write(Self.gif, faces + "/30_1_2_20170101000000000.jpg")
      try write(Self.gif, faces + "/x.gif")
      try write(try picture(orientation: 1), faces + "/31_1_2_20170101000000000.jfif")
      let build = try BuiltProgram.prep.run(["build", faces, "--output", folder + "/store"])
      #expect(build.exitCode == 0, "\(build.errors)")
      #expect(build.output.contains("1 other files ignored (1 .gif: not supported)"))
      #expect(build.output.contains("unsupported format 1"))
      let list = try String(contentsOfFile: folder + "/store.rejects.jsonl", encoding: .utf8)
      #expect(list.contains("is a GIF image: only JPEG and PNG are read; convert it"))
      let predict = try BuiltProgram.train.run(
        ["predict", "--weights", TrainFixture.weights, faces])
      #expect(predict.exitCode == 1 && predict.output.split(separator: "\n").count == 1)
      #expect(predict.errors.contains("skipped: 1 .gif: not supported"))
      #expect(predict.errors.contains("is a GIF image: only JPEG and PNG are read; convert it"))
    }
  }

  @Test func anOrientationIsHonoredInPredictAndNamedInBuild() throws {
    try withTemporaryFolder { folder in
      let faces = folder + "/faces"
      for orientation in [1, 6] as [UInt8] {
        try write(
          try picture(orientation: orientation),
          faces + "/3\(orientation)_1_2_20170101000000000.jpg")
      }
      let build = try BuiltProgram.prep.run([
        "build", faces, "--output", folder + "/store", "--json",
      ])
      let summary = try build.json()
      #expect(summary["exif_turned"]?.intValue == 1)
      #expect(
        summary["notices"]?.arrayValue?.first?.stringValue?.contains("36_1_2_2017") == true)
      func ages(_ flags: [String]) throws -> [Double] {
        let result = try BuiltProgram.train.run(
          ["predict", "--weights", TrainFixture.weights, "--json", faces] + flags)
        #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result.errors)")
        return try result.output.split(separator: "\n").map { line in
          let json = try Array(line.utf8).withUnsafeBytes { try JSONValue.decoded($0) }
          return try #require(json["age"]?.doubleValue)
        }
      }
      let stored = try ages(["--ignore-orientation"])
      let shown = try ages([])
      #expect(stored[0] == stored[1] && shown[0] == stored[0] && shown[1] != stored[1])
    }
  }

  @Test func aSampleIsWhatItsNameSays() throws {
    try withTemporaryFolder { folder in
      for (name, start) in [("s.jpg", [0xFF, 0xD8]), ("s.PNG", [0x89, 0x50])] as [(String, [UInt8])]
      {
        let path = "\(folder)/\(name)"
        let result = try BuiltProgram.prep.run(["sample", TrainFixture.store, "--output", path])
        #expect(result.exitCode == 0, "\(result.errors)")
        #expect(FileManager.default.contents(atPath: path).map { Array($0.prefix(2)) } == start)
      }
      for name in ["-", "s.webp", "picture"] {
        let path = name == "-" ? name : "\(folder)/\(name)"
        let result = try BuiltProgram.prep.run(["sample", TrainFixture.store, "--output", path])
        #expect(result.exitCode != 0 && result.errors.contains("ends in .png or .jpg"))
        #expect(!FileManager.default.fileExists(atPath: path))
      }
    }
  }
}
