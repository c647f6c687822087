import FaceDrawing
import Files
import Foundation
import Images
import Testing

@Suite struct FaceDrawingTests {
  @Test("The same seed gives the same files for any number of threads")
  func deterministic() throws {
    let folder = try TemporaryFolder()
    let set = SyntheticDataset(count: 60, seed: 11)
    try set.write(to: "\(folder.path)/one", threadCount: 1)
    try set.write(to: "\(folder.path)/many", threadCount: 5)
    try SyntheticDataset(count: 60, seed: 12).write(to: "\(folder.path)/other", threadCount: 2)
    let one = try folder.contents(of: "one")
    #expect(one == (try folder.contents(of: "many")))
    #expect(one != (try folder.contents(of: "other")))
    #expect(one.count == 60 + Oddity.allCases.count + 1)
  }

  @Test("A face does not depend on how many there are")
  func prefixProperty() throws {
    let folder = try TemporaryFolder()
    try SyntheticDataset(count: 20, seed: 4).write(to: "\(folder.path)/few", threadCount: 2)
    try SyntheticDataset(count: 40, seed: 4).write(to: "\(folder.path)/more", threadCount: 2)
    let more = try folder.contents(of: "more")
    for index in 0..<20 {
      let face = FaceParameters(seed: 4, index: index)
      let prefix = "\(face.age)_\(face.gender)_\(face.race)_"
      #expect(more.keys.contains { $0.hasPrefix(prefix) })
    }
    let few = try folder.contents(of: "few")
    let shared = few.filter { more[$0.key] == $0.value }
    #expect(shared.count >= 20)
  }

  @Test("Names have UTKFace's form, and the oddities are what they say")
  func names() throws {
    let folder = try TemporaryFolder()
    try SyntheticDataset(count: 30, seed: 2).write(to: "\(folder.path)/set", threadCount: 2)
    var files = try folder.contents(of: "set")
    files[SyntheticDataset.manifestName] = nil
    let regular = files.filter { name, _ in
      let fields = name.split(separator: "_", omittingEmptySubsequences: false)
      guard fields.count == 4, let age = Int(fields[0]), let gender = Int(fields[1]),
        let race = Int(fields[2])
      else { return false }
      let time = fields[3].prefix { $0.isNumber }
      return (1...116).contains(age) && (0...1).contains(gender) && (0...4).contains(race)
        && time.count == 17 && fields[3].hasSuffix(".jpg.chip.jpg")
    }
    // Four names are wrong; of the right ones one holds text and one is cut off.
    #expect(files.count - regular.count == 4)
    let reasons = regular.values.compactMap { failure(of: $0)?.reason }
    #expect(Set(reasons) == [.notAnImage, .truncated] && reasons.count == 2)
    let copies = Dictionary(grouping: regular.values, by: fnv).values.filter { $0.count > 1 }
    #expect(copies.count == 3)
    let acceptable = Oddity.allCases.filter(\.isAcceptable).count
    #expect(regular.count - reasons.count == 30 + acceptable)
  }

  @Test("Progress ends with the number of files")
  func progress() throws {
    let folder = try TemporaryFolder()
    var reports = [Int]()
    try SyntheticDataset(count: 40, seed: 1).write(to: "\(folder.path)/set", threadCount: 3) {
      reports.append($0)
    }
    #expect(reports.last == 40 + Oddity.allCases.count)
    #expect(reports == reports.sorted())
  }

  @Test("A folder of its own is replaced, one with other files is refused")
  func foreignFiles() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/set"
    try SyntheticDataset(count: 30, seed: 1).write(to: path, threadCount: 2)
    try SyntheticDataset(count: 10, seed: 2).write(to: path, threadCount: 2)
    #expect(try folder.contents(of: "set").count == 10 + Oddity.allCases.count + 1)
    try Data("mine".utf8).write(to: URL(fileURLWithPath: "\(path)/notes.txt"))
    let error = #expect(throws: FileError.self) {
      try SyntheticDataset(count: 10, seed: 3).write(to: path, threadCount: 2)
    }
    #expect(error?.description.contains("notes.txt") == true)
    #expect(throws: FileError.self) {
      try SyntheticDataset(count: 1, seed: 3).write(to: "/dev/null/set", threadCount: 1)
    }
  }

  /// What a link leads to is the user's; so is a folder that another process fills.
  @Test("Links are not followed, and a folder in use is refused")
  func linksAndLocks() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/set"
    let dataset = SyntheticDataset(count: 2, seed: 1)
    let manager = FileManager.default
    try manager.createDirectory(atPath: path, withIntermediateDirectories: false)
    let target = "\(folder.path)/mine"
    try Data("mine".utf8).write(to: URL(fileURLWithPath: target))
    func isUntouched() -> Bool { manager.contents(atPath: target) == Data("mine".utf8) }
    let manifest = "\(path)/\(SyntheticDataset.manifestName)"
    try manager.createSymbolicLink(atPath: manifest, withDestinationPath: target)
    #expect(throws: FileError.self) { try dataset.write(to: path, threadCount: 1) }
    #expect(try manager.destinationOfSymbolicLink(atPath: manifest) == target && isUntouched())
    try manager.removeItem(atPath: manifest)
    try dataset.write(to: path, threadCount: 1)
    // A link under the name of a drawn face goes with the old files, and its target stays.
    let face = try #require(try folder.contents(of: "set").keys.first { $0.hasSuffix(".chip.jpg") })
    try manager.removeItem(atPath: "\(path)/\(face)")
    try manager.createSymbolicLink(atPath: "\(path)/\(face)", withDestinationPath: target)
    try dataset.write(to: path, threadCount: 1)
    #expect(isUntouched() && manager.contents(atPath: "\(path)/\(face)") != Data("mine".utf8))
    let claim = try OutputFolder(claiming: path) { _ in false }
    let error = #expect(throws: FileError.self) { try dataset.write(to: path, threadCount: 1) }
    #expect(error?.description.contains("another process") == true)
    withExtendedLifetime(claim) {}
  }

  @Test("Labels cover their ranges")
  func labels() {
    let faces = (0..<3_000).map { FaceParameters(seed: 9, index: $0) }
    #expect(faces.allSatisfy { (1...116).contains($0.age) })
    #expect(Set(faces.map(\.race)) == [0, 1, 2, 3, 4])
    let female = faces.filter { $0.gender == 1 }.count
    #expect((1_200...1_700).contains(female))
    #expect(faces.filter { $0.age < 10 }.count > 150)
    #expect(faces.filter { $0.age > 70 }.count > 100)
  }

  /// The mean of a window of a drawing, averaged over variations.
  static func brightness(
    age: Int, gender: Int, race: Int, x: Range<Int>, y: Range<Int>
  ) -> Double {
    let painter = FacePainter()
    var image = RGBImage(width: FacePainter.side, height: FacePainter.side)
    var sum = 0.0
    for variation in 0..<24 {
      painter.draw(
        FaceParameters(age: age, gender: gender, race: race, variation: UInt64(variation)),
        into: &image)
      for row in y {
        for column in x { sum += Double(image[column, row].green) }
      }
    }
    return sum / Double(24 * x.count * y.count)
  }

  @Test("Race shows in the skin, age in the hair")
  func learnable() {
    let cheek = (0..<5).map {
      Self.brightness(age: 30, gender: 1, race: $0, x: 60..<75, y: 115..<130)
    }
    #expect(cheek[0] > cheek[4] + 15 && cheek[4] > cheek[3] && cheek[3] > cheek[1] + 15)
    let young = Self.brightness(age: 25, gender: 1, race: 2, x: 90..<110, y: 35..<48)
    let old = Self.brightness(age: 95, gender: 1, race: 2, x: 90..<110, y: 35..<48)
    #expect(old > young + 60)
  }
}
