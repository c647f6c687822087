/// The values that a setting takes: how they are read and written, and their range.
///
/// ```swift
/// SettingType.int(1...1024).or("auto")   // "a whole number from 1 to 1024, or auto"
/// ```
package struct SettingType<Value: Sendable>: Sendable {
  /// What comes before the range, such as `a whole number`.
  let noun: String
  /// The range or the choices in words, such as `from 1 to 1024`; empty where any value will do.
  let range: String
  /// The words that a value can be.
  let words: [String]
  /// The value of a node; nil where it is none.
  let read: @Sendable (SettingNode, SettingPlace) throws -> Value?
  let accepts: @Sendable (Value) -> Bool
  /// Nil for a value that is not written.
  let write: @Sendable (Value) -> YAMLValue?

  init(
    _ noun: String, _ range: String = "", words: [String] = [],
    read: @escaping @Sendable (SettingNode, SettingPlace) throws -> Value?,
    accepts: @escaping @Sendable (Value) -> Bool = { _ in true },
    write: @escaping @Sendable (Value) -> YAMLValue?
  ) {
    self.noun = noun
    self.range = range
    self.words = words
    self.read = read
    self.accepts = accepts
    self.write = write
  }

  /// What an error says was expected.
  var expected: String { range.isEmpty ? noun : "\(noun) \(range)" }

  /// The same, or a word that stands for nil.
  func or(_ word: String) -> SettingType<Value?> {
    SettingType<Value?>(
      noun, range.isEmpty ? "or \(word)" : "\(range), or \(word)", words: words + [word],
      read: { node, place in
        if node.plain == word { return .some(nil) }
        return try self.read(node, place).map { .some($0) }
      }, accepts: { $0.map(self.accepts) ?? true },
      write: { $0.map(self.write) ?? .plain(word) })
  }

  /// The same, not written where it is nil.
  var orNothing: SettingType<Value?> {
    SettingType<Value?>(
      noun, range, words: words, read: { try self.read($0, $1).map { .some($0) } },
      accepts: { $0.map(self.accepts) ?? true }, write: { $0.flatMap(self.write) })
  }
}

extension SettingType<Int> {
  static func int(_ range: ClosedRange<Int>) -> Self {
    Self(
      "a whole number", "from \(range.lowerBound) to \(range.upperBound)",
      read: { node, _ in node.plain.flatMap { Int($0) } }, accepts: range.contains,
      write: { .number($0) })
  }
}

extension SettingType<UInt64> {
  static var seed: Self {
    Self(
      "a whole number", "from 0 to \(UInt64.max)",
      read: { node, _ in node.plain.flatMap { UInt64($0) } }, write: { .plain("\($0)") })
  }
}

extension SettingType<Double> {
  static func number(_ range: ClosedRange<Double>) -> Self {
    number("from \(short(range.lowerBound)) to \(short(range.upperBound))", range.contains)
  }

  static func number(_ range: Range<Double>) -> Self {
    number("from \(short(range.lowerBound)) to below \(short(range.upperBound))", range.contains)
  }

  static func number(above low: Double, upTo high: Double = 1e6) -> Self {
    number("above \(short(low)) and at most \(short(high))") { $0 > low && $0 <= high }
  }

  private static func number(_ range: String, _ accepts: @escaping @Sendable (Double) -> Bool)
    -> Self
  {
    Self(
      "a number", range, read: { node, _ in node.number }, accepts: accepts,
      write: { .number($0) })
  }
}

private func short(_ value: Double) -> String {
  Int(exactly: value).map { "\($0)" } ?? "\(value)"
}

extension SettingType<Bool> {
  static var bool: Self {
    Self(
      "true or false", words: ["true", "false"],
      read: { node, _ in ["true": true, "false": false][node.plain ?? ""] },
      write: { .bool($0) })
  }
}

extension SettingType<String> {
  static var text: Self {
    Self("a text", read: { node, _ in node.isNull ? nil : node.text }, write: { .text($0) })
  }

  /// The text of any scalar, also of a number or an empty one.
  static var scalar: Self { Self("a text", read: { node, _ in node.text }, write: { .text($0) }) }
}

extension SettingType where Value: CaseIterable & RawRepresentable, Value.RawValue: Sendable {
  /// One of an enumeration's raw values.
  static var choice: Self {
    let names = Value.allCases.map { "\($0.rawValue)" }
    return Self(
      "one of", names.joined(separator: ", "), words: names,
      read: { node, _ in Value.allCases.first { "\($0.rawValue)" == node.text } },
      write: { .plain("\($0.rawValue)") })
  }
}

extension SettingType {
  /// A list of as many items as `count` says; the word `none` is the empty list, where one may be.
  static func list<Item>(
    _ noun: String, of item: SettingType<Item>, count: ClosedRange<Int>
  ) -> SettingType<[Item]> {
    SettingType<[Item]>(
      noun, count.lowerBound == 0 ? "or none" : item.range,
      read: { node, place in
        if node.plain == "none", count.contains(0) { return [] }
        var items: [Item] = []
        for node in node.list ?? [] {
          guard let value = try item.read(node, place) else { return nil }
          items.append(value)
        }
        return node.list == nil ? nil : items
      }, accepts: { count.contains($0.count) && $0.allSatisfy(item.accepts) },
      write: { items in
        items.isEmpty ? .plain("none") : .list(items.compactMap(item.write))
      })
  }

  /// A mapping from names of the user's choice; the word `none` is the empty one.
  static func named<Item>(_ noun: String, _ item: SettingType<Item>) -> SettingType<[String: Item]>
  {
    SettingType<[String: Item]>(
      noun, "\(item.range), or none",
      read: { node, place in
        if node.plain == "none" { return [:] }
        guard let pairs = node.mapping else { return nil }
        var result: [String: Item] = [:]
        for (key, node) in pairs {
          guard let name = key.text, let value = try item.read(node, place) else { return nil }
          result[name] = value
        }
        return result
      }, accepts: { $0.values.allSatisfy(item.accepts) },
      write: { named in
        named.isEmpty
          ? .plain("none")
          : .mapping(
            named.sorted { $0.key < $1.key }.compactMap { name, value in
              item.write(value).map { (name, $0) }
            })
      })
  }
}
