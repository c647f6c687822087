import FaceDrawing
import Foundation
import Images

/// Drawn photographs among which some have faults, and their labels.
struct AuditFixture {
  let folder: String
  var photographs: String { folder + "/photos" }
  var labels: String { folder + "/labels.csv" }
  var protocolFile: String { folder + "/splits.csv" }
  private var rows = ["path,age,kind"]
  private var splits = ["path,split"]

  /// Kind and path of everything that an audit should find, but for the twins.
  static let planted: Set<String> = [
    "label_conflict 0.png", "label_conflict twin.jpg", "leak copy.png", "duplicate two.png",
    "dark da<rk>.png", "low_information da<rk>.png", "bright bright.png",
    "low_information bright.png", "blurred blurred.png", "gray gray.png",
    "low_information blank.png", "gray blank.png", "blurred blank.png", "odd_size large.png",
    "odd_shape long.png", "label_outlier 5.png", "small_class kind rare in train",
    "small_class kind rare in validation",
  ]

  init(in folder: String) throws {
    self.folder = folder
    try FileManager.default.createDirectory(
      atPath: folder + "/photos", withIntermediateDirectories: true)
    for index in 0..<60 {
      try add(
        "\(index).png", Self.face(index), age: index == 5 ? "900" : "\(20 + index % 30)",
        kind: index == 7 ? "rare" : index % 2 == 0 ? "even" : "odd",
        split: index % 3 == 0 ? "validation" : "train")
    }
    // Another encoding of face 0 with another label, and copies of faces 1 and 2.
    try write(JPEGWriter(quality: 80).encode(Self.face(0)), "twin.jpg", "20", "odd", "validation")
    try add("copy.png", Self.face(1), age: "21", kind: "odd", split: "validation")
    try add("two.png", Self.face(2), age: "22", kind: "even", split: "train")
    let face = Self.face(60)
    try add("da<rk>.png", Self.mapped(face) { $0 / 4 })
    try add("bright.png", Self.mapped(Self.face(61)) { 205 + $0 / 6 })
    try add("blurred.png", Self.blurred(Self.face(62)))
    try add("gray.png", Self.gray(Self.face(63)))
    try add("blank.png", RGBImage(width: 200, height: 200, color: RGBColor(128, 128, 128)))
    var large = RGBImage(width: 5 * face.width, height: 5 * face.height)
    large.paste(Self.face(64), x: 0, y: 0, magnification: 5)
    try add("large.png", large)
    var long = RGBImage(width: face.width, height: face.height / 4)
    long.paste(Self.face(65), x: 0, y: -face.height / 3)
    try add("long.png", long)
    try Self.write(rows, to: labels)
    try Self.write(splits, to: protocolFile)
  }

  var build: [String] {
    [
      "build", photographs, "--labels", labels, "--split-file", protocolFile, "--duplicates",
      "ignore",
    ]
  }

  static func write(_ lines: [String], to path: String) throws {
    try lines.map { $0 + "\n" }.joined().write(toFile: path, atomically: true, encoding: .utf8)
  }

  private mutating func add(
    _ name: String, _ image: RGBImage, age: String = "30", kind: String = "even",
    split: String = "train"
  ) throws {
    try write(PNGWriter.encode(image), name, age, kind, split)
  }

  private mutating func write(
    _ bytes: [UInt8], _ name: String, _ age: String, _ kind: String, _ split: String
  ) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(photographs)/\(name)"))
    rows.append("\(name),\(age),\(kind)")
    splits.append("\(name),\(split)")
  }

  /// Drawn faces that are neither dark nor of little contrast, as some are.
  private static let faces: [RGBImage] = {
    var faces: [RGBImage] = []
    let painter = FacePainter()
    var image = RGBImage(width: FacePainter.side, height: FacePainter.side)
    for index in 0..<400 where faces.count < 66 {
      painter.draw(FaceParameters(seed: 11, index: index), into: &image)
      let values = image.pixels.map(Double.init)
      let mean = values.reduce(0, +) / Double(values.count)
      let square = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
      if (95...170).contains(mean), square - mean * mean > 2000 { faces.append(image) }
    }
    return faces
  }()

  private static func face(_ index: Int) -> RGBImage { faces[index] }

  private static func mapped(_ image: RGBImage, _ change: (Int) -> Int) -> RGBImage {
    var image = image
    for i in image.pixels.indices { image.pixels[i] = UInt8(change(Int(image.pixels[i]))) }
    return image
  }

  private static func gray(_ image: RGBImage) -> RGBImage {
    var image = image
    for i in stride(from: 0, to: image.pixels.count, by: 3) {
      for channel in 1..<3 { image.pixels[i + channel] = image.pixels[i] }
    }
    return image
  }

  /// Means of 15 pixels along rows, then columns, twice.
  private static func blurred(_ image: RGBImage) -> RGBImage {
    var image = image
    let (width, height) = (image.width, image.height)
    for step in [3, 3 * width, 3, 3 * width] {
      let source = image.pixels
      for y in 0..<height {
        for x in 0..<width {
          let (place, length) = step == 3 ? (x, width) : (y, height)
          let range = max(-7, -place)...min(7, length - 1 - place)
          for channel in 0..<3 {
            let i = 3 * (y * width + x) + channel
            let sum = range.reduce(0) { $0 + Int(source[i + $1 * step]) }
            image.pixels[i] = UInt8(sum / range.count)
          }
        }
      }
    }
    return image
  }
}
