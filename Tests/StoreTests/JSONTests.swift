import Store
import Testing

@Suite struct JSONTests {
  private func decoded(_ text: String) throws -> JSONValue {
    try Array(text.utf8).withUnsafeBytes { try JSONValue.decoded($0) }
  }

  private static let texts: [(String, JSONValue)] = [
    (" null ", .null), ("-0", .integer(0)), ("9223372036854775807", .integer(.max)),
    ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.5e-3", .number(0.0015)),
    (#""a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#, .string("a\"\\/\u{8}\u{c}\n\r\té😀")),
    (#"{"b":[],"a":{}}"#, .object(["a": .object([:]), "b": .array([])])),
    ("[true,false]", .array([.bool(true), .bool(false)])),
  ]

  @Test(arguments: texts)
  func documents(_ text: String, value: JSONValue) throws {
    #expect(try decoded(text) == value)
    #expect(try decoded(String(decoding: value.encoded(), as: UTF8.self)) == value)
  }

  @Test(arguments: [
    "", " ", "nul", "nulll", "1 2", "01", "1.", ".5", "+1", "1e", "1e999", "-", "[1,]", "[1 2]",
    "{\"a\" 1}", "{\"a\":1,}", "{a:1}", "{\"a\":1,\"a\":2}", "\"a", "\"\n\"", #""\x""#,
    #""\u12g4""#,
    #""\ud800""#, #""\udc00\ud800""#, #""\ud800\u0041""#, "[", "{", "NaN", "// 1", "\u{feff}1",
  ])
  func whatIsNotJSONIsRefused(_ text: String) {
    #expect(throws: JSONError.self) { try decoded(text) }
  }

  @Test func bytesThatAreNotUTF8AreRefused() {
    #expect(throws: JSONError.self) {
      try [UInt8]([0x22, 0xff, 0x22]).withUnsafeBytes { try JSONValue.decoded($0) }
    }
  }

  @Test func depthIsBounded() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try decoded(nested(64))
    #expect(throws: JSONError.self) { try decoded(nested(65)) }
    #expect(throws: JSONError.self) { try decoded(String(repeating: "[", count: 1_000_000)) }
  }

  @Test func textIsSortedAndExact() throws {
    let value: JSONValue = [
      "b": [1, .number(0.1), .number(2)], "a": [:], "c": "/\u{1}\"", "d": [],
    ]
    #expect(
      String(decoding: try value.encoded(), as: UTF8.self)
        == #"{"a":{},"b":[1,0.1,2],"c":"/\u0001\"","d":[]}"#)
    #expect(
      String(decoding: try value.encoded(pretty: true), as: UTF8.self)
        == "{\n  \"a\" : {\n\n  },\n  \"b\" : [\n    1,\n    0.1,\n    2\n  ],\n"
        + "  \"c\" : \"/\\u0001\\\"\",\n  \"d\" : [\n\n  ]\n}")
    #expect(throws: JSONError.self) { try JSONValue.number(.nan).encoded() }
  }
}
