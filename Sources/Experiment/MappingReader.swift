/// One mapping of a pipeline file, read key by key with types.
///
/// Every reader returns nil for a key that is not there and throws for a value of another type.
/// Ranges are checked later, together with those of flags, by `SettingChecks`.
struct MappingReader {
  let source: SettingSource
  /// Full name of the mapping, such as `train.optimizer`; empty for the top level.
  let path: String
  private let values: [String: SettingNode]

  /// - Throws: `PipelineError` at a key that is not in `keys`, with the nearest one that is.
  init(
    _ mapping: [(key: SettingNode, value: SettingNode)], path: String, source: SettingSource,
    keys: [String]
  ) throws {
    self.source = source
    self.path = path
    var values: [String: SettingNode] = [:]
    for (key, value) in mapping {
      guard let name = key.text else {
        throw source.error(path, key.line, expected: "a name as key", got: key.kind)
      }
      guard keys.contains(name) else {
        let known = "one of " + keys.joined(separator: ", ")
        throw source.error(
          path.isEmpty ? nil : path, key.line, expected: "known keys", got: quoted(name),
          hint: nearestName(to: name, in: keys).map { "did you mean \($0)?" } ?? known)
      }
      values[name] = value
      source.record(path.isEmpty ? name : "\(path).\(name)", key.line)
    }
    self.values = values
  }

  func fullName(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  func node(_ key: String) -> SettingNode? { values[key] }

  func error(_ key: String, _ node: SettingNode, expected: String) -> PipelineError {
    source.error(fullName(key), node.line, expected: expected, got: node.kind)
  }

  func string(_ key: String) throws -> String? {
    guard let node = values[key] else { return nil }
    guard let text = node.text, !node.isNull else {
      throw error(key, node, expected: "a text")
    }
    return text
  }

  func int(_ key: String) throws -> Int? {
    guard let node = values[key] else { return nil }
    guard let text = node.plain, let value = Int(text) else {
      throw error(key, node, expected: "a whole number")
    }
    return value
  }

  func seed(_ key: String) throws -> UInt64? {
    guard let node = values[key] else { return nil }
    guard let text = node.plain, let value = UInt64(text) else {
      throw error(key, node, expected: "a whole number from 0 to \(UInt64.max)")
    }
    return value
  }

  func double(_ key: String) throws -> Double? {
    guard let node = values[key] else { return nil }
    guard let value = number(node) else { throw error(key, node, expected: "a number") }
    return value
  }

  func bool(_ key: String) throws -> Bool? {
    guard let node = values[key] else { return nil }
    switch node.plain {
    case "true": return true
    case "false": return false
    default: throw error(key, node, expected: "true or false")
    }
  }

  /// A value that has a word for "not set" beside its number: the word gives `.some(nil)`.
  func double(_ key: String, orWord word: String) throws -> Double?? {
    guard let node = values[key] else { return nil }
    if node.plain == word { return .some(nil) }
    guard let value = number(node) else { throw error(key, node, expected: "a number or \(word)") }
    return value
  }

  func int(_ key: String, orWord word: String) throws -> Int?? {
    guard let node = values[key] else { return nil }
    if node.plain == word { return .some(nil) }
    guard let text = node.plain, let value = Int(text) else {
      throw error(key, node, expected: "a whole number or \(word)")
    }
    return value
  }

  /// One of an enumeration's raw values.
  func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, _: Choice.Type) throws
    -> Choice? where Choice.RawValue == String
  {
    guard let node = values[key] else { return nil }
    let names = Choice.allCases.map(\.rawValue)
    guard let text = node.text else {
      throw error(key, node, expected: "one of " + names.joined(separator: ", "))
    }
    guard let value = Choice(rawValue: text) else {
      throw source.error(
        fullName(key), node.line, expected: "one of " + names.joined(separator: ", "),
        got: quoted(text), hint: nearestName(to: text, in: names).map { "did you mean \($0)?" })
    }
    return value
  }

  /// A list of texts; the word `none` is the empty list.
  func strings(_ key: String) throws -> [String]? {
    guard let node = values[key] else { return nil }
    if node.plain == "none" { return [] }
    guard let list = node.list else {
      throw error(key, node, expected: "a list such as [a, b], or none")
    }
    return try list.map { item in
      guard let text = item.text else {
        throw error(key, item, expected: "a list of texts")
      }
      return text
    }
  }

  func doubles(_ key: String) throws -> [Double]? {
    guard let node = values[key] else { return nil }
    guard let list = node.list else {
      throw error(key, node, expected: "a list of numbers")
    }
    return try list.map { item in
      guard let value = number(item) else { throw error(key, item, expected: "a number") }
      return value
    }
  }

  /// A mapping from names of the user's choice to numbers; the word `none` is the empty one.
  func namedDoubles(_ key: String) throws -> [String: Double]? {
    guard let node = values[key] else { return nil }
    if node.plain == "none" { return [:] }
    guard let mapping = node.mapping else {
      throw error(key, node, expected: "a mapping from names to numbers, or none")
    }
    var result: [String: Double] = [:]
    for (name, item) in mapping {
      guard let name = name.text else {
        throw error(key, name, expected: "a name as key")
      }
      guard let value = number(item) else { throw error(key, item, expected: "a number") }
      result[name] = value
      source.record("\(fullName(key)).\(name)", item.line)
    }
    return result
  }

  func mapping(_ key: String, keys: [String]) throws -> MappingReader? {
    guard let node = values[key] else { return nil }
    guard let mapping = node.mapping else {
      throw error(key, node, expected: "a mapping with keys of " + keys.joined(separator: ", "))
    }
    return try MappingReader(mapping, path: fullName(key), source: source, keys: keys)
  }

  /// A list of mappings that all have the same keys.
  func mappings(_ key: String, keys: [String]) throws -> [MappingReader]? {
    guard let node = values[key] else { return nil }
    guard let list = node.list else {
      throw error(key, node, expected: "a list of mappings")
    }
    return try list.enumerated().map { index, item in
      guard let mapping = item.mapping else { throw error(key, item, expected: "a mapping") }
      return try MappingReader(
        mapping, path: "\(fullName(key))[\(index)]", source: source, keys: keys)
    }
  }

  /// A finite decimal number. Swift also reads hexadecimal, "nan" and "inf", which nobody means.
  private func number(_ node: SettingNode) -> Double? {
    guard let text = node.plain,
      text.utf8.allSatisfy({ (48...57).contains($0) || "+-.eE".utf8.contains($0) }),
      let value = Double(text), value.isFinite
    else { return nil }
    return value
  }
}
