import Foundation
import Terminal
import Testing

@Suite struct SafeTextTests {
  @Test func textsFromFilesCannotSteerATerminal() {
    #expect(visible("a\u{1B}[2J\nb\u{202E}c é 👩") == #"a\u{1b}[2J\u{a}b\u{202e}c é 👩"#)
    #expect(visible("\u{7F}\u{9B}\u{2028}") == #"\u{7f}\u{9b}\u{2028}"#)
    #expect(visible("abcdef", limit: 3) == "abc…")
    #expect(quoted("a\r") == #""a\u{d}""#)
    #expect(visibleLines("a\nb\u{7}\n") == "a\nb\\u{7}\n")
    let name = String(decoding: [0x61, 0xFF, 0x1B], as: UTF8.self)
    #expect(visible(name) == "a\u{FFFD}\\u{1b}")
  }

  @Test func jsonKeepsItsMeaning() throws {
    let text = "a\u{1B}\"\\\n\u{7F}\u{9B}\u{202E}\u{E0001}é"
    let document = escapedJSON("[\n\(jsonString(text))\n]")
    #expect(
      document.unicodeScalars.allSatisfy {
        $0 == "\n" || (0x20..<0x7F).contains($0.value) || $0 == "é"
      })
    #expect(try JSONDecoder().decode([String].self, from: Data(document.utf8)) == [text])
  }

  @Test(arguments: [("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""), ("ab", "ab"), ("a\n", "\"a\n\"")])
  func csv(text: String, field: String) { #expect(csvField(text) == field) }

  @Test func htmlHasNoMeaningLeft() {
    #expect(
      escapedHTML("<a b='c'>&\u{202E}\u{1}") == "&lt;a b=&#39;c&#39;&gt;&amp;\u{FFFD}\u{FFFD}")
  }

  @Test func markdownHasNoMeaningLeft() {
    #expect(
      escapedMarkdown("a|b *c* <i> [x](https://y) www.z 1.5 `d`\n\u{202E}")
        == "a\\|b \\*c\\* \\<i\\> \\[x\\](https\\://y) www\\.z 1.5 \\`d\\`\\\\u\\{a\\}\\\\u\\{202e\\}"
    )
  }

  @Test func linesFoldAtBlanks() {
    #expect(folded("  one two three", columns: 9) == ["  one two", "    three"])
    #expect(folded("one", columns: 9) == ["one"])
    #expect(folded("a/long/path in it", columns: 8) == ["a/long/path", "  in it"])
    #expect(folded("", columns: 1) == [""])
    #expect(folded("aaaa bbbb", columns: 1) == ["aaaa", "  bbbb"])
  }

  @Test func wideTablesFold() {
    var table = TextTable(header: ["run", "one", "two"], alignment: [.left, .right, .right])
    table.append(["a\nb", "1", "2"])
    #expect(table.lines() == ["run      one  two", #"a\u{a}b    1    2"#])
    #expect(
      table.lines(columns: 13)
        == ["run      one", #"a\u{a}b    1"#, "", "run      two", #"a\u{a}b    2"#])
  }

  @Test func everyWriteIsChecked() throws {
    let file = try #require(FileHandle(forWritingAtPath: "/dev/full"))
    let output = StandardOutput(descriptor: file.fileDescriptor)
    try output.line("a")
    #expect(throws: OutputError.self) { try output.flush() }
    try output.flush()
  }
}
