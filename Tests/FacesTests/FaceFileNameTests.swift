import Faces
import Testing

@Suite struct FaceFileNameTests {
  @Test(arguments: [
    ("25_0_1_20170101000000000.jpg.chip.jpg", 25, 0, 1),
    ("0_1_4_20170101000000000.jpg", 0, 1, 4),
    ("116_1_0_20170101000000000.JPEG", 116, 1, 0),
    ("025_00_03_20170101000000000.png", 25, 0, 3),
  ])
  func regularNames(name: String, age: Int, gender: Int, race: Int) throws {
    let parsed = try FaceFileName.parse(name, strict: true).get()
    #expect(try parsed.labels == FaceLabels(age: age, gender: gender, race: race))
    #expect(parsed.irregularity == nil)
  }

  static let rejects: [(String, RejectReason)] = [
    ("", .fieldCount),
    ("face.jpg", .fieldCount),
    ("25_0_20170101000000000.jpg", .fieldCount),
    ("25_0_1_20170101000000000_2.jpg", .fieldCount),
    (String(repeating: "_", count: 100_000), .fieldCount),
    ("53__0_20170101000000000.jpg", .emptyField),
    ("_0_1_20170101000000000.jpg", .emptyField),
    ("25_0__20170101000000000.jpg", .emptyField),
    ("25_0_1_", .emptyField),
    ("___", .emptyField),
    ("x_0_1_20170101000000000.jpg", .notANumber),
    ("-1_0_1_20170101000000000.jpg", .notANumber),
    ("+25_0_1_20170101000000000.jpg", .notANumber),
    ("25_ 0_1_20170101000000000.jpg", .notANumber),
    ("25_0_1 _20170101000000000.jpg", .notANumber),
    ("2.5_0_1_20170101000000000.jpg", .notANumber),
    ("２５_0_1_20170101000000000.jpg", .notANumber),
    ("25\0_0_1_20170101000000000.jpg", .notANumber),
    ("25_0_1_.jpg", .notANumber),
    ("25_0_1_x20170101000000000.jpg", .notANumber),
    ("117_0_1_20170101000000000.jpg", .outOfRange),
    ("25_2_1_20170101000000000.jpg", .outOfRange),
    ("25_0_5_20170101000000000.jpg", .outOfRange),
    ("256_0_1_20170101000000000.jpg", .outOfRange),
    ("18446744073709551616_0_1_20170101000000000.jpg", .outOfRange),
    (String(repeating: "9", count: 100_000) + "_0_1_20170101000000000.jpg", .outOfRange),
  ]

  @Test(arguments: rejects)
  func rejectedNames(name: String, reason: RejectReason) {
    guard case .failure(let reject) = FaceFileName.parse(name) else {
      Issue.record("\(name.prefix(50)) was accepted")
      return
    }
    #expect(reject.reason == reason)
    #expect(reject.description.contains("expected") && reject.description.contains("got"))
    #expect(reject.description.utf8.count < 300)
    #expect(reject.description.utf8.allSatisfy { $0 >= 0x20 })
  }

  @Test func everyNameReasonIsInTheTable() {
    let image: Set<RejectReason> = [
      .notAnImage, .unsupportedFormat, .truncated, .tooLarge, .unreadable, .corrupt,
    ]
    let tested = Set(Self.rejects.map(\.1)).union([.irregularTimestamp])
    let labelFile: Set<RejectReason> = [.unlisted, .conflictingRows]
    #expect(tested == Set(RejectReason.allCases).subtracting(image).subtracting(labelFile))
  }

  @Test(arguments: [
    ("25_0_1_2017010100000000.jpg", TimestampIrregularity.digitCount(16)),
    ("25_0_1_201701010000000000.jpg", .digitCount(18)),
    ("25_0_1_20170101000000000 .jpg", .blank),
    ("25_0_1_20170101000000000.jpg ", .blank),
    ("25_0_1_20170101000000000jpg.chip.jpg", .missingDot),
    ("25_0_1_20170101000000000", .missingExtension),
    ("25_0_1_20170101000000000.gif", .missingExtension),
  ])
  func irregularTimestamps(name: String, expected: TimestampIrregularity) throws {
    #expect(try FaceFileName.parse(name).get().irregularity == expected)
    guard case .failure(let reject) = FaceFileName.parse(name, strict: true) else {
      Issue.record("\(name) was accepted under strict")
      return
    }
    #expect(reject.reason == .irregularTimestamp)
  }

  @Test func bytesThatAreNotUTF8AreQuoted() {
    let bytes: [UInt8] = [0xFF, 0x0A, 0x22] + Array("_0_1_2017.jpg".utf8)
    let result = bytes.withUnsafeBufferPointer { FaceFileName.parse(bytes: $0) }
    guard case .failure(let reject) = result else {
      Issue.record("accepted")
      return
    }
    #expect(reject.description == #"expected the age in digits, got "\xFF\x0A\x22""#)
  }

  @Test func labelsAreChecked() {
    #expect(throws: LabelRangeError(field: .race, value: 5)) {
      try FaceLabels(age: 25, gender: 0, race: 5)
    }
    #expect(throws: LabelRangeError(field: .age, value: -1)) {
      try FaceLabels(age: -1, gender: 0, race: 0)
    }
  }
}
