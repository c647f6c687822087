import Experiment
import Foundation
import FoundationXML
import Images
import Reports
import Testing

/// What a page holds, found by a strict parser: it fails where a tag or an escape is wrong.
final class PageContents: NSObject, XMLParserDelegate {
  private(set) var elements: [String: Int] = [:]
  private(set) var attributes: [(element: String, name: String, value: String)] = []
  private(set) var text = ""

  init(_ page: String) throws {
    super.init()
    let parser = XMLParser(data: Data(page.utf8))
    parser.delegate = self
    guard parser.parse() else {
      throw RunReportError("line \(parser.lineNumber): \(parser.parserError as Any)")
    }
  }

  func parser(
    _ parser: XMLParser, didStartElement element: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String] = [:]
  ) {
    elements[element, default: 0] += 1
    self.attributes += attributes.map { (element, $0.key, $0.value) }
  }

  func parser(_ parser: XMLParser, foundCharacters characters: String) {
    text += characters
  }

  /// What the page would load, follow or run.
  var references: [String] {
    let names = ["src", "href", "srcset", "action", "data", "poster", "xlink:href"]
    return attributes.filter { names.contains($0.name) || $0.name.hasPrefix("on") }.map(\.value)
  }
}

@Suite struct PageTests {
  static let hostile =
    "</td></style><script>alert(1)</script>\"'&<img src=x onerror=y>\u{1}\u{202E}"

  static func history(_ count: Int) -> RunHistory {
    var epochs: [EpochRecord] = []
    for epoch in 1..<count + 1 {
      let accuracy = 0.5 + Double(epoch % 50) / 100
      let mae = 9 - Double(epoch % 7)
      epochs.append(
        EpochRecord(
          epoch: epoch, step: 10 * epoch, learningRate: 0.1,
          train: ["loss": 3 / Double(epoch), "age_weight": Double(epoch)],
          validation: [
            "loss": 4 / Double(epoch), "age_loss": 2, "age_mae": mae, "gender_loss": 0.5,
            "gender_accuracy": accuracy, hostile: 1,
          ], imagesPerSecond: 4000, dataWait: 0.01, seconds: 60))
    }
    return RunHistory(epochs: epochs, notes: [hostile])
  }

  /// Men are taken for women in a quarter of the samples, everything else is right but for an age
  /// that is five years too high.
  static func evaluation(races: [String] = [hostile, "b"]) -> Evaluation {
    var tasks = TaskSettings.article
    tasks[2].classes = races.count
    let samples = 0..<1234
    let genders = samples.map { Float($0 % 2) }
    let groups = samples.map { $0 / 2 % races.count }
    let ages = samples.map { Float($0 % 90) }
    return Evaluation(
      split: hostile, tasks: tasks, losses: [5, 0.1, .nan],
      outputs: [
        ages.map { $0 + 5 }, samples.map { $0 % 2 == 1 || $0 % 8 == 0 ? 1 : -1 },
        groups.flatMap { group in races.indices.map { $0 == group ? 1 : 0 } },
      ],
      labels: [ages, genders, groups.map { Float($0) }], seconds: 1,
      classNames: ClassNames(["gender": ["male", "female"], "race": races]),
      groupings: [
        Grouping(
          columns: ["gender", "race"],
          names: ["male", "female"].flatMap { gender in races.map { [gender, $0] } },
          groups: samples.map { $0 % 2 * races.count + groups[$0] }, hasIntervals: false),
        Grouping(
          columns: ["race"], names: races.map { [$0] }, groups: groups, hasIntervals: false),
      ])
  }

  static let pictures: PictureGroup = {
    var image = RGBImage(width: 2, height: 1)
    image.pixels = [255, 0, 0, 0, 0, 255]
    return PictureGroup(
      title: hostile, note: hostile,
      pictures: [
        .init(
          image: image, name: hostile,
          predictions: [.init(truth: hostile, prediction: "31", isRight: false)])
      ])
  }()

  static func report(_ history: RunHistory, _ evaluation: Evaluation?) throws -> String {
    let input = RunReportInput(
      title: hostile, subtitle: hostile, facts: [.init(hostile, hostile)], history: history,
      bestEpoch: history.epochs.last?.epoch,
      units: ["age": hostile], evaluation: evaluation,
      pictures: evaluation == nil ? [] : [pictures], configuration: "a: 1\n\(hostile)\n",
      program: hostile)
    return try RunReportPage(input).text()
  }

  static func check(_ page: String) throws -> PageContents {
    let contents = try PageContents(page)
    #expect(contents.elements["script"] == nil)
    #expect(contents.elements["link"] == nil)
    for reference in contents.references {
      #expect(reference.hasPrefix("#") || reference.hasPrefix("data:image/png;base64,"))
    }
    #expect(!page.contains("url("))
    #expect(page.contains("default-src 'none'"))
    return contents
  }

  @Test func theReportShowsEverythingAndRunsNothing() throws {
    let contents = try Self.check(try Self.report(Self.history(20), Self.evaluation()))
    #expect(contents.text.contains("<script>alert(1)</script>\"'&<img src=x onerror=y>"))
    #expect(contents.elements["img"] == 1)
    // The confusion matrix shows a task by its own classes.
    #expect(!contents.text.contains("Race by race"))
    let png = Data(try PNGWriter.encode(Self.pictures.pictures[0].image)).base64EncodedString()
    #expect(contents.references.contains("data:image/png;base64,\(png)"))
    for word in [
      "Curves", "Evaluation", "Errors by group", "Predictions", "Configuration", "Age MAE",
      "Gender accuracy", "Loss weights", "More curves", "1,234 samples", "n = 309", "75 %",
      "whose weights were kept", "from 4.00", "All epochs",
      "Age by race", "Gender by race",
    ] {
      #expect(contents.text.replacing("\u{202F}", with: " ").contains(word), "\(word)")
    }
  }

  /// Matrices stand in frames that scroll; those of many classes have cells without text.
  @Test func manyClassesStayInTheirFrame() throws {
    let count = 117
    let evaluation = Self.evaluation(races: (0..<count).map { "class \($0)" })
    let page = try Self.report(Self.history(2), evaluation)
    let contents = try Self.check(page)
    let tables = contents.attributes.filter { $0.element == "table" && $0.value.hasPrefix("heat") }
    #expect(tables.count == 5)
    #expect(page.components(separatedBy: "<div class=\"scroll\"><table class=\"heat").count == 6)
    #expect(page.contains("min-width:\(50 + 51 * count)px"))
    #expect(page.contains("class 5 taken for class 5: 12 of 12\"></td>"))
    #expect(page.utf8.count < 500_000)
  }

  /// WCAG's contrast of 4.5 for text in either theme, on every ground that has text.
  @Test(arguments: [
    ("text", ["bg", "surface", "heat", "heat-good", "heat-bad", "line"]),
    ("muted", ["bg", "surface"]), ("good", ["surface"]), ("bad", ["surface"]),
  ])
  func textStandsOutFromItsGround(_ text: String, _ grounds: [String]) throws {
    let page = try Self.report(Self.history(1), nil)
    /// Relative luminance of a color of the palette, light and dark.
    func luminances(_ name: String) throws -> [Double] {
      let start = try #require(page.range(of: "--\(name):light-dark(")).upperBound
      let colors = page[start...].prefix { $0 != ")" }.split(separator: ",")
      return colors.map { color in
        var digits = Array(color.dropFirst())
        if digits.count == 3 { digits = digits.flatMap { [$0, $0] } }
        let parts = stride(from: 0, to: 6, by: 2).map { place -> Double in
          let value = Double(Int(String(digits[place...place + 1]), radix: 16) ?? 0) / 255
          return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
      }
    }
    for ground in grounds {
      for (a, b) in zip(try luminances(text), try luminances(ground)) {
        #expect((max(a, b) + 0.05) / (min(a, b) + 0.05) >= 4.5, "\(text) on \(ground)")
      }
    }
  }

  @Test(arguments: [0, 1, 2, 500])
  func aReportHasAnyNumberOfEpochs(count: Int) throws {
    let page = try Self.report(Self.history(count), nil)
    let contents = try Self.check(page)
    #expect((contents.elements["svg"] ?? 0 > 0) == (count > 0))
    #expect(!page.contains("nan"))
    #expect(!page.contains("inf"))
    #expect(page.utf8.count < 2_000_000)
  }

  @Test func theBestEpochIsTheOneThatWasKept() throws {
    var input = RunReportInput(title: "t", history: Self.history(9))
    input.bestEpoch = 4
    let page = try RunReportPage(input).text()
    #expect(page.contains("marks epoch 4,"))
    // age_mae of epoch 4 is 5.
    #expect(page.contains("<div class=\"value\">5.000"))
  }

  @Test func comparesRuns() throws {
    var better = Self.history(3)
    better.epochs[2].validation["age_mae"] = 1.5
    let comparison = try RunComparison([
      ComparedRun(
        name: "a", history: Self.history(5), bestEpoch: 5, settings: ["lr": "0.1", "seed": "1"],
        store: Self.store("v", "a")),
      ComparedRun(
        name: "b", history: better, bestEpoch: 3, settings: ["lr": "0.2", "seed": "1"],
        store: Self.store("v", "b")),
      ComparedRun(name: Self.hostile, history: Self.history(0)),
    ])
    let lines = comparison.lines()
    #expect(lines.count == 8)
    #expect(
      lines[0].split(separator: "  ").map { $0.trimmingCharacters(in: .whitespaces) } == [
        "run", "age MAE", "gender accuracy", "loss", "best epoch", "epochs", "images/s", "time",
      ])
    #expect(
      lines[1].split(separator: "  ").map { $0.trimmingCharacters(in: .whitespaces) }
        == ["a", "4.000", "55.0 %*", "0.800*", "5", "5", "4,000", "5 min 00 s"])
    #expect(
      lines[2].split(separator: "  ").map { $0.trimmingCharacters(in: .whitespaces) }
        == ["b", "1.500*", "53.0 %", "1.333", "3", "3", "4,000", "3 min 00 s"])
    #expect(!comparison.lines().joined().contains("\u{1}"))
    // "seed" differs too: the third run has none.
    #expect(lines[5].hasPrefix("setting") && lines[6].hasPrefix("lr       0.1  0.2  –"))
    let contents = try Self.check(comparison.page())
    #expect(contents.text.contains("3 runs compared"))
    #expect(contents.text.contains("Settings that differ"))
    #expect(contents.text.contains(Self.hostile.prefix(30)))
    #expect(throws: RunReportError.self) { try RunComparison([]) }
  }

  private static func store(_ validation: String, _ metadata: String = "m") -> StoreIdentity {
    StoreIdentity(
      metadataSHA256: metadata, contentSHA256: "c", membersSHA256: ["validation": validation])
  }

  /// A figure on other photographs is no better or worse: no star, and a sentence.
  @Test func marksNoBestAcrossValidationSets() throws {
    var better = Self.history(3)
    better.epochs[2].validation["age_mae"] = 1.5
    func compare(_ other: StoreIdentity?) throws -> RunComparison {
      try RunComparison([
        ComparedRun(name: "a", history: Self.history(3), bestEpoch: 3, store: Self.store("v")),
        ComparedRun(name: "b", history: better, bestEpoch: 3, store: other),
        // Without a validation split, nothing was measured on other photographs.
        ComparedRun(name: "c", history: Self.history(0)),
      ])
    }
    let same = try compare(Self.store("v"))
    #expect(same.warning == nil && same.lines().joined().contains("*"))
    for (other, words) in [
      (Self.store("w", "n"), "different photographs"), (nil, "it is not known whether a and b"),
    ] {
      let comparison = try compare(other)
      #expect(comparison.warning?.contains(words) == true)
      #expect(!comparison.lines().joined().contains("*"))
      let page = comparison.page()
      #expect(page.contains(words) && !page.contains("class=\"top\""))
      _ = try Self.check(page)
    }
  }
}
