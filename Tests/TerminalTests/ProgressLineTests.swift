import Foundation
import Terminal
import Testing

@Suite struct ProgressLineTests {
  private func text(_ columns: Int, total: Int? = 2000, perSecond: Double? = 100) -> String {
    ProgressLine.line(
      label: "decode", done: 500, total: total, unit: "images", perSecond: perSecond
    ).text(columns: columns)
  }

  @Test func sayHowFarAndHowFast() {
    #expect(
      text(100)
        == "decode  █████                  25 %    500/2,000 images  100 images/s  ETA 0:15")
    #expect(text(79) == "decode  █████                  25 %    500/2,000  100 images/s  ETA 0:15")
    #expect(text(60) == "decode  ██▌          25 %    500/2,000  100/s  ETA 0:15")
    #expect(text(31) == "decode   25 %  100/s  ETA 0:15")
  }

  @Test func anUnknownTotalHasNoTimeLeft() {
    #expect(text(80, total: nil, perSecond: nil) == "decode  500 images")
    #expect(text(80, total: nil) == "decode  500 images  100 images/s")
  }

  @Test func aMeasurementSaysItsRateAndTheTimeLeft() {
    func text(_ columns: Int, after elapsed: Double) -> String {
      TimedProgress.line("step", done: 3000, after: elapsed, of: 5, "images").text(columns: columns)
    }
    #expect(text(80, after: 2) == "step  ████████               40 %  1,500 images/s  ETA 0:03")
    #expect(text(34, after: 2) == "step   40 %  1,500/s  ETA 0:03")
    #expect(text(80, after: 9) == "step  ████████████████████  100 %  333 images/s  ETA 0:00")
  }

  @Test(arguments: [1, 2, 20, 39, 79]) func theLineNeverWraps(columns: Int) {
    #expect(text(columns).count <= max(columns - 1, 1))
  }

  @Test func partsAreShortenedInOrder() {
    let line = FittedLine(parts: [["long", "l"], ["fixed"], ["more", ""]], shortening: [2, 0])
    #expect(line.text(columns: 18) == "long  fixed  more")
    #expect(line.text(columns: 17) == "long  fixed")
    #expect(line.text(columns: 11) == "l  fixed")
    #expect(line.text(columns: 5) == "l  f")
  }

  /// What reaches a file descriptor that is not a terminal.
  private func output(enabled: Bool?, _ body: (ProgressLine) -> Void) throws -> String {
    let pipe = Pipe()
    let line = ProgressLine(
      "job", total: 10, unit: "steps", enabled: enabled,
      descriptor: pipe.fileHandleForWriting.fileDescriptor)
    body(line)
    line.finish()
    try pipe.fileHandleForWriting.close()
    return String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self)
  }

  @Test func nothingIsDrawnWhereThereIsNoTerminal() throws {
    #expect(try output(enabled: nil) { $0.update(done: 5) } == "")
    #expect(try output(enabled: nil) { $0.note("note") } == "note\n")
  }

  @Test func theLineErasesItselfAndIsThrottled() throws {
    let text = try output(enabled: true) { line in
      for done in 0..<1000 { line.update(done: done % 10) }
      line.note("note")
    }
    #expect(text.hasPrefix("\rjob"))
    #expect(text.contains("\r\u{1B}[Knote\n"))
    #expect(text.count { $0 == "j" } < 100)
  }
}
