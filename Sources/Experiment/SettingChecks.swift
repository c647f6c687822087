/// Where settings came from, and the checks that apply to a value from a file and from a flag alike.
package struct SettingChecks: Sendable {
  let file: String?
  let lines: [String: Int]

  /// Settings made by flags or in code: errors name the setting alone.
  package static let flags = SettingChecks(file: nil, lines: [:])

  package func error(_ key: String, expected: String, got: String, hint: String? = nil)
    -> PipelineError
  {
    let line = lines[key]
    return PipelineError(
      file: line == nil ? nil : file, line: line, key: key, expected: expected, got: got,
      hint: hint)
  }

  func range(_ key: String, _ value: Int, _ range: ClosedRange<Int>) throws {
    guard range.contains(value) else {
      throw error(
        key, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)",
        got: "\(value)")
    }
  }

  func range(_ key: String, _ value: Double, _ range: ClosedRange<Double>) throws {
    guard range.contains(value) else {
      throw error(
        key, expected: "a number from \(short(range.lowerBound)) to \(short(range.upperBound))",
        got: short(value))
    }
  }

  func range(_ key: String, _ value: Double, _ range: Range<Double>) throws {
    guard range.contains(value) else {
      throw error(
        key,
        expected: "a number from \(short(range.lowerBound)) to below \(short(range.upperBound))",
        got: short(value))
    }
  }

  /// Above zero and at most `limit`.
  func positive(_ key: String, _ value: Double, upTo limit: Double = 1e6) throws {
    guard value > 0, value <= limit else {
      throw error(
        key, expected: "a number above 0 and at most \(short(limit))", got: short(value))
    }
  }

  private func short(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? "\(value)"
  }
}
