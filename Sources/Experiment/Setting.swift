/// One setting: everything that is to be known of it, in one row of a table.
///
/// ```swift
/// Setting("epochs", \.epochs, .int(1...100_000), "Passes over the training images.",
///   flag: .option("epochs", "count"))
/// ```
///
/// The rows make the reading and writing of files, the checks, the flags with their help, and the
/// page `docs/settings.md`.
package struct Setting<Root: Sendable>: Sendable {
  /// What a setting decides.
  package enum Role: Sendable {
    /// What is trained or built.
    case recipe
    /// Which of the results is kept, and when a run ends.
    case selection
    /// Where the files are and how the work is done: equal results, whatever the value.
    case run
  }

  /// The flag that overrides a file's value.
  package struct Flag: Sendable {
    package enum Form: Sendable {
      case option
      /// `--flip` and `--no-flip`.
      case toggle
      /// Given once for every item of a list.
      case repeated
      /// `NAME=VALUE`, given once for every name.
      case named
    }
    package let name: String
    package let form: Form
    package let valueName: String?

    package static func option(_ name: String, _ valueName: String? = nil) -> Flag {
      Flag(name: name, form: .option, valueName: valueName)
    }
    package static func toggle(_ name: String) -> Flag {
      Flag(name: name, form: .toggle, valueName: nil)
    }
    package static func repeated(_ name: String, _ valueName: String) -> Flag {
      Flag(name: name, form: .repeated, valueName: valueName)
    }
    package static func named(_ name: String, _ valueName: String) -> Flag {
      Flag(name: name, form: .named, valueName: valueName)
    }
  }

  /// The name in a file, with dots between mappings: `optimizer.lr`.
  package let key: String
  package let help: String
  package let flag: Flag?
  package let role: Role
  /// What a value has to be, in words.
  package let expected: String
  /// The same, short: `from 1 to 1024`, or the choices.
  package let range: String
  /// The words that a value can be.
  package let words: [String]
  private let assign: @Sendable (SettingNode, inout Root, SettingPlace) throws -> Bool
  private let accepts: @Sendable (Root) -> Bool
  private let write: @Sendable (Root) -> YAMLValue?
  private let isUsed: @Sendable (Root) -> Bool
  private let copy: @Sendable (Root, inout Root) -> Void

  /// - Parameters:
  ///   - isUsed: whether other settings make use of this one; where they do not, a file that the
  ///     program writes leaves it out as long as it has its default.
  init<Value>(
    _ key: String, _ path: WritableKeyPath<Root, Value> & Sendable, _ type: SettingType<Value>,
    _ help: String, flag: Flag? = nil, role: Role = .recipe,
    isUsed: @escaping @Sendable (Root) -> Bool = { _ in true }
  ) {
    self.key = key
    self.help = help
    self.flag = flag
    self.role = role
    self.isUsed = isUsed
    expected = type.expected
    range = type.range
    words = type.words
    assign = { node, root, place in
      guard let value = try type.read(node, place), type.accepts(value) else { return false }
      root[keyPath: path] = value
      return true
    }
    accepts = { type.accepts($0[keyPath: path]) }
    write = { type.write($0[keyPath: path]) }
    copy = { $1[keyPath: path] = $0[keyPath: path] }
  }

  /// Takes a value from a file or a flag.
  ///
  /// - Throws: `PipelineError` for one of another type or out of range.
  package func read(_ node: SettingNode, into root: inout Root, _ place: SettingPlace) throws {
    guard try assign(node, &root, place) else {
      let hint = node.text.flatMap { nearestName(to: $0, in: words) }
      throw place.error(
        node, expected: expected, hint: hint.map { "did you mean \($0)?" })
    }
  }

  func check(_ root: Root, _ checks: SettingChecks, path: String) throws {
    guard accepts(root) else {
      throw checks.error(
        "\(path).\(key)", expected: expected, got: write(root)?.inline ?? "nothing")
    }
  }

  /// The value as a file has it; nil where it is left out.
  func yaml(_ root: Root, default plain: Root) -> YAMLValue? {
    guard let value = write(root) else { return nil }
    return isUsed(root) || value.inline != write(plain)?.inline ? value : nil
  }

  /// The value of `root` as text, such as `0.02`; nil where there is none.
  package func text(_ root: Root) -> String? { write(root)?.inline }

  /// Range and default, as a flag's help ends with: ` (from 1 to 1024; default: 32)`.
  package func note(default root: Root) -> String {
    let value = text(root).map { "default: \($0)" }
    let parts = [range.hasPrefix("or ") ? "" : range, value].compactMap { $0 }.filter {
      !$0.isEmpty
    }
    return parts.isEmpty ? "" : " (\(parts.joined(separator: "; ")))"
  }

  /// Gives `target` the value of `source`.
  func reset(_ target: inout Root, to source: Root) { copy(source, &target) }
}

/// Where a value is from: a line of a file, or a flag.
package struct SettingPlace {
  /// What errors call the setting: `train.epochs`, or `--epochs`.
  package let name: String
  let source: SettingSource?

  package init(flag name: String) { self.init(name: name, source: nil) }

  init(name: String, source: SettingSource?) {
    self.name = name
    self.source = source
  }

  func error(_ node: SettingNode, expected: String, hint: String? = nil) -> PipelineError {
    PipelineError(
      file: source?.file, line: node.line, key: name, expected: expected, got: node.kind, hint: hint
    )
  }
}
