/// Reads JSON of a known schema, in order, without building a tree: so a hostile header costs no
/// more memory than what is kept of it.
///
/// Only what a safetensors header needs: objects, arrays of integers, strings. RFC 8259.
struct HeaderScanner {
  /// What was wrong, without the file's name.
  struct Failure: Error {
    let message: String
  }

  private let bytes: UnsafeRawBufferPointer
  private(set) var offset = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// Reads an object, calling `member` with each key; `member` must read the value.
  mutating func object(
    _ member: (_ key: String, _ scanner: inout HeaderScanner) throws -> Void
  ) throws {
    try expect(UInt8(ascii: "{"), "an object")
    guard !accept(UInt8(ascii: "}")) else { return }
    repeat {
      let key = try string()
      try expect(UInt8(ascii: ":"), "\":\" after a key")
      try member(key, &self)
    } while accept(UInt8(ascii: ","))
    try expect(UInt8(ascii: "}"), "\",\" or the end of an object")
  }

  /// Reads an array of non-negative integers, `limit` at most.
  mutating func integers(limit: Int) throws -> [Int] {
    try expect(UInt8(ascii: "["), "an array of integers")
    var values: [Int] = []
    guard !accept(UInt8(ascii: "]")) else { return values }
    repeat {
      guard values.count < limit else {
        throw Failure(message: "an array has more than \(limit) integers at byte \(offset)")
      }
      values.append(try integer())
    } while accept(UInt8(ascii: ","))
    try expect(UInt8(ascii: "]"), "\",\" or the end of an array")
    return values
  }

  /// Nothing but spaces may follow.
  mutating func end() throws {
    skipSpace()
    guard offset == bytes.count else { throw wanted("the end of the header") }
  }

  mutating func string() throws -> String {
    try expect(UInt8(ascii: "\""), "a string")
    var text: [UInt8] = []
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else {
          throw Failure(message: "a string is not UTF-8 before byte \(offset)")
        }
        return string
      case UInt8(ascii: "\\"): try escape(into: &text)
      case 0..<0x20:
        throw Failure(message: "a string has a control character at byte \(offset - 1)")
      default: text.append(byte)
      }
    }
    throw wanted("the end of a string")
  }

  private mutating func integer() throws -> Int {
    skipSpace()
    let start = offset
    var value = 0
    while offset < bytes.count, case let digit = bytes[offset], (0x30...0x39).contains(digit) {
      let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, larger) = product.addingReportingOverflow(Int(digit - 0x30))
      guard !tooLarge, !larger else {
        throw Failure(message: "an integer at byte \(start) does not fit into 64 bits")
      }
      value = sum
      offset += 1
    }
    let hasLeadingZero = offset - start > 1 && bytes[start] == 0x30
    guard offset > start, !hasLeadingZero else { throw wanted("a non-negative integer", at: start) }
    return value
  }

  private mutating func escape(into text: inout [UInt8]) throws {
    guard offset < bytes.count else { throw wanted("the rest of an escape") }
    let byte = bytes[offset]
    offset += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "u"):
      var value = try hexadecimal()
      if (0xD800..<0xDC00).contains(value), offset + 1 < bytes.count,
        bytes[offset] == UInt8(ascii: "\\"), bytes[offset + 1] == UInt8(ascii: "u")
      {
        offset += 2
        let low = try hexadecimal()
        guard (0xDC00..<0xE000).contains(low) else { throw wanted("a low surrogate") }
        value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(value) else { throw wanted("a Unicode scalar") }
      text.append(contentsOf: String(Character(scalar)).utf8)
    default: throw wanted("a known escape", at: offset - 1)
    }
  }

  private mutating func hexadecimal() throws -> UInt32 {
    guard offset + 4 <= bytes.count else { throw wanted("four hexadecimal digits") }
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(bytes[offset])).hexDigitValue else {
        throw wanted("a hexadecimal digit")
      }
      value = value << 4 | UInt32(digit)
      offset += 1
    }
    return value
  }

  private mutating func accept(_ byte: UInt8) -> Bool {
    skipSpace()
    guard offset < bytes.count, bytes[offset] == byte else { return false }
    offset += 1
    return true
  }

  private mutating func expect(_ byte: UInt8, _ what: String) throws {
    guard accept(byte) else { throw wanted(what) }
  }

  private mutating func skipSpace() {
    while offset < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[offset]) { offset += 1 }
  }

  private func wanted(_ what: String, at place: Int? = nil) -> Failure {
    let place = place ?? offset
    guard place < bytes.count else {
      return Failure(message: "expected \(what), got the end of the header")
    }
    let byte = bytes[place]
    let found =
      (0x21..<0x7F).contains(byte)
      ? "\"\(Character(Unicode.Scalar(byte)))\"" : "byte 0x\(String(byte, radix: 16))"
    return Failure(message: "expected \(what) at byte \(place), got \(found)")
  }
}
