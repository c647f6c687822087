import Terminal

extension PickleMachine {
  mutating func perform(_ instruction: PickleInstruction) throws(PickleFailure) {
    switch instruction {
    case .proto:
      let version = try need(cursor.uint8())
      guard (2...5).contains(version) else {
        throw PickleFailure(message: "protocol \(version), expected 2 to 5")
      }
    case .frame: _ = try need(cursor.uint64())
    case .stop: preconditionFailure("read() stops")
    case .mark: marks.append(stack.count)
    case .none: stack.append(.none)
    case .newTrue: stack.append(.boolean(true))
    case .newFalse: stack.append(.boolean(false))
    case .binInt:
      stack.append(.integer(Int(Int32(bitPattern: try need(cursor.uint32())))))
    case .binInt1: stack.append(.integer(Int(try need(cursor.uint8()))))
    case .binInt2: stack.append(.integer(Int(try need(cursor.uint16()))))
    case .long1: try long()
    case .binFloat:
      stack.append(.float(Double(bitPattern: try need(cursor.uint64()).byteSwapped)))
    case .binUnicode: try string(count: Int(try need(cursor.uint32())))
    case .shortBinUnicode, .shortBinString: try string(count: Int(try need(cursor.uint8())))
    case .binString: try string(count: Int(Int32(bitPattern: try need(cursor.uint32()))))
    case .emptyTuple: pushTuple([])
    case .tuple: pushTuple(try popToMark())
    case .tuple1: try tuple(1)
    case .tuple2: try tuple(2)
    case .tuple3: try tuple(3)
    case .emptyList:
      lists.append([])
      stack.append(.list(lists.count - 1))
    case .append: try append([try pop()])
    case .appends: try append(try popToMark())
    case .emptyDict: pushDictionary()
    case .setItem:
      let value = try pop()
      try setItems([try pop(), value])
    case .setItems: try setItems(try popToMark())
    case .binGet: try get(Int(try need(cursor.uint8())))
    case .longBinGet: try get(Int(try need(cursor.uint32())))
    case .binPut: memo[Int(try need(cursor.uint8()))] = try top()
    case .longBinPut: memo[Int(try need(cursor.uint32()))] = try top()
    case .memoize: memo[memo.count] = try top()
    case .global:
      let module = try text(try need(cursor.line(limit: Self.longestName)))
      try pushGlobal(module, try text(try need(cursor.line(limit: Self.longestName))))
    case .stackGlobal:
      guard case .string(let name) = try pop(), case .string(let module) = try pop() else {
        throw PickleFailure(message: "expected two strings")
      }
      try pushGlobal(module, name)
    case .reduce: try reduce()
    case .newObject: try newObject(of: [try pop()])
    case .newObjectEx:
      let named = try pop()
      try newObject(of: [try pop(), named])
    case .build: try build()
    case .binPersid: try persistentIdentifier()
    case .binUnicode8: try string(count: Int(clamping: try need(cursor.uint64())))
    case .shortBinBytes: try bytes(count: Int(try need(cursor.uint8())))
    case .binBytes: try bytes(count: Int(try need(cursor.uint32())))
    case .binBytes8, .byteArray8: try bytes(count: Int(clamping: try need(cursor.uint64())))
    case .emptySet: stack.append(.object("builtins.set"))
    case .addItems:
      _ = try popToMark()
      guard case .object = try top() else {
        throw PickleFailure(message: "expected a set to fill, got \(try top().kind)")
      }
    case .frozenSet:
      _ = try popToMark()
      stack.append(.object("builtins.frozenset"))
    }
  }

  /// NEWOBJ, NEWOBJ_EX: an object without a call of its class's init. PyTorch before 0.1.10 made
  /// its parameters this way; objects of unknown classes are kept as their names.
  private mutating func newObject(of arguments: [PickleValue]) throws(PickleFailure) {
    switch try top() {
    case .foreign(let name):
      _ = try pop()
      stack.append(.object(name))
    case .global(.parameter) where arguments.count == 1:
      stack.append(arguments[0])
      try reduce()
    case let other: throw PickleFailure(message: "an object of \(other.kind) is refused")
    }
  }

  /// Bytes are of no use here: only that there are some is kept.
  private mutating func bytes(count: Int) throws(PickleFailure) {
    _ = try need(cursor.bytes(count))
    stack.append(.object("builtins.bytes"))
  }

  mutating func pushDictionary() {
    dictionaries.append([])
    stack.append(.dictionary(dictionaries.count - 1))
  }

  private func need<Value>(_ value: Value?) throws(PickleFailure) -> Value {
    guard let value else { throw PickleFailure(message: "the pickle is cut short") }
    return value
  }

  private func text(_ bytes: UnsafeRawBufferPointer) throws(PickleFailure) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw PickleFailure(message: "a string is not UTF-8")
    }
    return text
  }

  private mutating func string(count: Int) throws(PickleFailure) {
    let bytes = try need(cursor.bytes(count))
    textCount += count
    guard textCount <= Self.largestPickle else {
      throw PickleFailure(message: "the strings have more than \(Self.largestPickle) bytes")
    }
    stack.append(.string(try text(bytes)))
  }

  /// An integer in two's complement, little-endian, of any length up to 255 bytes.
  private mutating func long() throws(PickleFailure) {
    let bytes = try need(cursor.bytes(Int(try need(cursor.uint8()))))
    guard bytes.count <= 8 else {
      stack.append(.longInteger(Array(bytes)))
      return
    }
    var value: Int = bytes.last.map { $0 & 0x80 != 0 ? -1 : 0 } ?? 0
    for byte in bytes.reversed() { value = value << 8 | Int(byte) }
    stack.append(.integer(value))
  }

  private mutating func tuple(_ count: Int) throws(PickleFailure) {
    var values: [PickleValue] = []
    for _ in 0..<count { values.append(try pop()) }
    pushTuple(values.reversed())
  }

  private mutating func append(_ values: [PickleValue]) throws(PickleFailure) {
    if case .object = try top() { return }
    guard case .list(let number) = try top() else {
      throw PickleFailure(message: "expected a list to append to, got \(try top().kind)")
    }
    lists[number].append(contentsOf: values)
  }

  private mutating func setItems(_ values: [PickleValue]) throws(PickleFailure) {
    if case .object = try top() { return }
    guard case .dictionary(let number) = try top() else {
      throw PickleFailure(message: "expected a dictionary to fill, got \(try top().kind)")
    }
    guard values.count % 2 == 0 else { throw PickleFailure(message: "a key has no value") }
    for index in stride(from: 0, to: values.count, by: 2) {
      dictionaries[number].append((values[index], values[index + 1]))
    }
  }

  private mutating func get(_ number: Int) throws(PickleFailure) {
    guard let value = memo[number] else {
      throw PickleFailure(message: "memo \(number) was never put")
    }
    stack.append(value)
  }

  private mutating func pushGlobal(_ module: String, _ name: String) throws(PickleFailure) {
    let full = "\(module).\(name)"
    stack.append(PickleGlobal(rawValue: full).map { .global($0) } ?? .foreign(full))
  }
}
