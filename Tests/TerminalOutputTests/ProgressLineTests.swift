import Foundation
import TerminalOutput
import Testing

@Suite struct ProgressLineTests {
  @Test func sayHowFarAndHowFast() {
    let text = ProgressLine.text(
      label: "decode", done: 500, total: 2000, unit: "images", perSecond: 100, detail: "x",
      columns: 100)
    #expect(text == "decode  ███           25.0 %  500/2,000  100 images/s  ETA 15.0 s  x")
  }

  @Test func anUnknownTotalHasNoTimeLeft() {
    let text = ProgressLine.text(
      label: "scan", done: 500, total: nil, unit: "files", perSecond: nil, detail: "", columns: 80)
    #expect(text == "scan  500 files")
  }

  @Test func theLineNeverWraps() {
    let text = ProgressLine.text(
      label: "decode", done: 500, total: 2000, unit: "images", perSecond: 100, detail: "x",
      columns: 20)
    #expect(text.count == 19)
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
