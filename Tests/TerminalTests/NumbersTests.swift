import Terminal
import Testing

@Suite struct NumbersTests {
  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1,000"), (11_841, "11,841"), (-1_234_567, "-1,234,567"),
    (Int.min, "-9,223,372,036,854,775,808"),
  ])
  func groups(value: Int, text: String) { #expect(grouped(value) == text) }

  @Test(arguments: [
    (3.14159, 2, "3.14"), (0.05, 1, "0.0"), (0.06, 1, "0.1"), (-0.04, 1, "0.0"), (-2.5, 1, "-2.5"),
    (9.999, 2, "10.00"),
    (1.005, 0, "1"), (.nan, 2, "nan"), (1e300, 2, "1e+300"),
  ])
  func decimals(value: Double, count: Int, text: String) { #expect(fixed(value, count) == text) }

  @Test(arguments: [
    (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"),
    (22_435_328, "22.4 MB"), (Int.max, "9.2 EB"),
  ])
  func bytes(count: Int, text: String) { #expect(byteText(count) == text) }

  @Test(arguments: [
    (0.000_012, "12 µs"), (0.0123, "12.3 ms"), (0.42, "0.42 s"), (12.34, "12.3 s"),
    (59.96, "1 min 00 s"), (125, "2 min 05 s"), (3599.6, "1 h 00 min"), (11_220, "3 h 07 min"),
    (.infinity, "–"), (-1, "0 µs"),
  ])
  func durations(seconds: Double, text: String) { #expect(durationText(seconds: seconds) == text) }

  @Test(arguments: [
    (8550.4, "8,550"), (999.6, "1,000"), (123.4, "123"), (93.42, "93.4"), (2.149, "2.15"),
    (0, "0.00"), (.nan, "–"),
  ])
  func rates(value: Double, text: String) { #expect(rateText(value) == text) }

  @Test(arguments: [
    (0.0, ""), (0.001, "▏"), (0.5, "██"), (0.55, "██▎"), (1.0, "████"), (7.0, "████"), (-1.0, ""),
  ])
  func bars(share: Double, text: String) { #expect(bar(share, width: 4) == text) }

  @Test func tables() {
    var table = TextTable(header: ["split", "n"], alignment: [.left, .right])
    table.append(["a", "1,000"])
    table.append(["", ""])
    #expect(table.lines() == ["split      n", "a      1,000", ""])
  }

  @Test(arguments: [
    (0.0, "0:00"), (6.2, "0:07"), (125, "2:05"), (3599.5, "1:00:00"), (4050, "1:07:30"),
    (-1, "0:00"), (.infinity, "–"),
  ])
  func clocks(seconds: Double, text: String) {
    #expect(clockText(seconds: seconds) == text)
  }

  @Test func linesBreakAtBlanks() {
    #expect(wrapped("one two three", width: 7) == ["one two", "three"])
    #expect(wrapped("a/long/path in it", width: 5) == ["a/long/path", "in it"])
    #expect(wrapped("", width: 5) == [""])
  }
}
