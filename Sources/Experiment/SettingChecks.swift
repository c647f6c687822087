import Terminal

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

  /// Refuses a name that is not one of `known`.
  func names(_ key: String, _ names: [String], in known: [String], _ expected: String) throws {
    for name in names where !known.contains(name) {
      throw error(
        key, expected: "\(expected) \(known.joined(separator: ", "))", got: quoted(name),
        hint: nearestName(to: name, in: known).map { "did you mean \($0)?" })
    }
  }
}
