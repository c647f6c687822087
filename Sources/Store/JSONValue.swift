/// A JSON document as a value: what a store's metadata is made of.
///
/// Text is read by `JSONParser` and written by `JSONWriter`.
package enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// The document as text: sorted keys, so that equal values are equal bytes.
  ///
  /// - Throws: `JSONError` for a number that is not finite, which JSON cannot say.
  package func encoded(pretty: Bool = false) throws(JSONError) -> [UInt8] {
    var writer = JSONWriter(pretty: pretty)
    try writer.write(self)
    return writer.bytes
  }

  /// - Throws: `JSONError` for what is not one JSON document (RFC 8259), or is nested too deeply.
  package static func decoded(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> JSONValue {
    var parser = JSONParser(bytes)
    return try parser.document()
  }

  /// A member of an object; nil where it has none of that name, or where this is not an object.
  package subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  /// Equal where their texts are: these do not tell whether a whole number was an integer.
  package static func == (a: JSONValue, b: JSONValue) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.number(let a), .number(let b)): a == b
    case (.integer(let whole), .number(let number)), (.number(let number), .integer(let whole)):
      Int(exactly: number) == whole
    case (.string(let a), .string(let b)): a == b
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)): a == b
    default: false
    }
  }

  package var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
  package var intValue: Int? { if case .integer(let value) = self { value } else { nil } }
  package var stringValue: String? { if case .string(let value) = self { value } else { nil } }
  package var arrayValue: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
  package var doubleValue: Double? {
    switch self {
    case .number(let value): value
    case .integer(let value): Double(value)
    default: nil
    }
  }
}

/// Text that is not JSON, or a value that JSON cannot say.
package struct JSONError: Error, CustomStringConvertible, Equatable {
  /// The byte at which it was noticed; nil for a value.
  package let offset: Int?
  package let problem: String

  package var description: String {
    offset.map { "is not JSON: \(problem) at byte \($0)" } ?? "cannot be JSON: \(problem)"
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { first, _ in first }))
  }
}
