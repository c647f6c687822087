import Experiment

extension Column {
  /// The column as a store's root attributes describe it.
  package var json: JSONValue {
    var members: [String: JSONValue] = [
      "name": .string(name), "role": .string(role.rawValue), "kind": .string(kind.rawValue),
      "type": .string(element.rawValue), "width": .integer(width), "missing": missing.json,
    ]
    if let unit { members["unit"] = .string(unit) }
    if minimum != nil || maximum != nil {
      members["range"] = .array([minimum, maximum].map { $0.map { .number($0) } ?? .null })
    }
    if !classNames.isEmpty { members["classes"] = .array(classNames.map { .string($0) }) }
    return .object(members)
  }

  /// Reads what `json` wrote; members that it does not know are ignored.
  ///
  /// - Throws: `ColumnError` for what is not a column.
  init(json: JSONValue) throws(ColumnError) {
    let name = json["name"]?.stringValue ?? ""
    func problem(_ text: String) -> ColumnError { ColumnError(column: name, problem: text) }
    func text(_ key: String) throws(ColumnError) -> String {
      guard let value = json[key]?.stringValue else { throw problem("has no \(key)") }
      return value
    }
    guard let role = Role(rawValue: try text("role")) else { throw problem("has an unknown role") }
    guard let kind = Kind(rawValue: try text("kind")) else { throw problem("has an unknown kind") }
    guard let element = ColumnElement(rawValue: try text("type")) else {
      throw problem("has an unknown type")
    }
    let range = json["range"]?.arrayValue ?? [.null, .null]
    guard range.count == 2, range.allSatisfy({ $0 == .null || $0.doubleValue != nil }) else {
      throw problem("has a range that is not two numbers or null")
    }
    let classes = json["classes"]?.arrayValue ?? []
    let names = classes.compactMap(\.stringValue)
    guard names.count == classes.count else { throw problem("has class names that are not text") }
    var missing: ColumnValue?
    if let value = json["missing"] {
      guard let known = ColumnValue(json: value, type: element) else {
        throw problem("has a missing value that is not a \(element)")
      }
      missing = known
    }
    try self.init(
      name, role, kind, element, width: json["width"]?.intValue ?? 1,
      unit: json["unit"]?.stringValue, minimum: range[0].doubleValue,
      maximum: range[1].doubleValue, classNames: names, missing: missing)
  }

  /// A column of a store of version 1, which has UTKFace's labels in bytes and says nothing of them
  /// but the names of classes.
  ///
  /// - Parameter classes: the root's `dataset.classes`.
  init(version1 name: String, _ classes: JSONValue?) throws(ColumnError) {
    if name == "age" {
      try self.init(name, .label, .number, .uint8, unit: "years", minimum: 0)
    } else if name == "gender" || name == "race" {
      let names = classes?[name]?.arrayValue?.compactMap(\.stringValue) ?? []
      try self.init(name, .label, .class, .uint8, classNames: names)
    } else {
      try self.init(name, .label, .number, .uint8)
    }
  }
}

extension ColumnValue {
  /// As a number where JSON has one, else as text: NaN, and what exceeds 63 bits.
  var json: JSONValue {
    switch self {
    case .unsigned(let value): Int(exactly: value).map { .integer($0) } ?? .string(description)
    case .signed(let value): .integer(Int(value))
    case .float(let value): value.isFinite ? .number(Double(value)) : .string(description)
    }
  }

  init?(json: JSONValue, type: ColumnElement) {
    let text: String
    switch json {
    case .integer(let value): text = "\(value)"
    case .number(let value): text = "\(value)"
    case .string(let value): text = value
    default: return nil
    }
    self.init(text, type: type)
  }
}
