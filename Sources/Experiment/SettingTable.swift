import Terminal

/// The settings of one section of a pipeline file.
package struct SettingTable<Root: Sendable>: Sendable {
  package let rows: [Setting<Root>]

  init(_ rows: [Setting<Root>]) { self.rows = rows }

  /// Reads a mapping: changes what it names, and leaves everything else.
  ///
  /// - Parameters:
  ///   - path: the mapping's full name, such as `train.optimizer`.
  ///   - prefix: what its keys begin with in the table, such as `optimizer.`.
  /// - Returns: the keys of the table that it named.
  /// - Throws: `PipelineError` for an unknown key, with the nearest one there is, and for a value of
  ///   another type or out of range.
  @discardableResult
  func read(
    _ node: SettingNode, into root: inout Root, path: String, prefix: String = "",
    source: SettingSource
  ) throws -> Set<String> {
    let names = names(under: prefix)
    let known = names.joined(separator: ", ")
    guard let pairs = node.mapping else {
      throw source.error(
        path, node.line, expected: "a mapping with keys of \(known)", got: node.kind)
    }
    var given: Set<String> = []
    for (keyNode, value) in pairs {
      guard let name = keyNode.text else {
        throw source.error(path, keyNode.line, expected: "a name as key", got: keyNode.kind)
      }
      guard names.contains(name) else {
        throw source.error(
          path, keyNode.line, expected: "known keys", got: quoted(name),
          hint: nearestName(to: name, in: names).map { "did you mean \($0)?" } ?? "one of \(known)")
      }
      let (key, full) = (prefix + name, "\(path).\(name)")
      source.record(full, keyNode.line)
      // `model: mtan` is short for `model: {name: mtan}`.
      let short = value.text == nil ? nil : rows.first { $0.key == key + ".name" }
      if let row = rows.first(where: { $0.key == key }) ?? short {
        try row.read(value, into: &root, SettingPlace(name: full, source: source))
        given.insert(row.key)
      } else {
        given.formUnion(
          try read(value, into: &root, path: full, prefix: key + ".", source: source))
      }
    }
    return given
  }

  /// Checks every value's range.
  func check(_ root: Root, _ checks: SettingChecks, path: String) throws {
    for row in rows { try row.check(root, checks, path: path) }
  }

  /// The section as it is written.
  func yaml(_ root: Root, default plain: Root) -> [(key: String, value: YAMLValue)] {
    pairs(under: "", root, plain)
  }

  private func pairs(under prefix: String, _ root: Root, _ plain: Root)
    -> [(key: String, value: YAMLValue)]
  {
    names(under: prefix).compactMap { name in
      if let row = rows.first(where: { $0.key == prefix + name }) {
        return row.yaml(root, default: plain).map { (name, $0) }
      }
      let inner = pairs(under: "\(prefix)\(name).", root, plain)
      return inner.isEmpty ? nil : (name, .mapping(inner))
    }
  }

  /// The keys of a mapping, each once, in the order of the table.
  private func names(under prefix: String) -> [String] {
    var names: [String] = []
    for row in rows where row.key.hasPrefix(prefix) {
      let name = String(row.key.dropFirst(prefix.count).prefix { $0 != "." })
      if !names.contains(name) { names.append(name) }
    }
    return names
  }
}
