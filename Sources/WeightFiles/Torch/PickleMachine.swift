/// Reads a pickle as data. It knows the instructions that `torch.save` writes and a fixed list of
/// names; an object of another class is kept as its name, and a call of another name is refused.
/// Nothing is ever called or imported.
///
/// The instruction set is that of CPython's `Lib/pickletools.py`. Instructions are counted, and
/// each makes a few dozen bytes at most beyond what it copies from the file, so memory is bounded.
struct PickleMachine {
  static let largestPickle = 16 << 20
  static let largestInstructionCount = 500_000
  static let longestName = 1000

  var cursor: ByteCursor
  var stack: [PickleValue] = []
  /// Heights of the stack at the open marks.
  var marks: [Int] = []
  var memo: [Int: PickleValue] = [:]
  var instructionCount = 0
  /// Bytes of strings so far: a copy of each is kept.
  var textCount = 0

  // The containers that values refer to by number.
  var tuples: [[PickleValue]] = []
  var lists: [[PickleValue]] = []
  var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
  var storages: [TorchStorage] = []
  var storageNumbers: [String: Int] = [:]
  var views: [TorchView] = []
  /// The views of parameters, once they are known.
  var parameters: [Int?] = []
  /// Tensors outside the pickle, by the persistent ids of PyTorch before 0.1.10; nil in
  /// later formats, whose persistent ids describe storages.
  var outerTensors: [String: Int]?

  init(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>) {
    let end = min(range.upperBound, range.lowerBound + Self.largestPickle)
    cursor = ByteCursor(bytes, in: range.lowerBound..<end)
  }

  /// Goes on reading at another place; the containers stay.
  mutating func move(to range: Range<Int>) {
    cursor = ByteCursor(cursor.bytes, in: range)
  }

  /// The view of a tensor or of a parameter that has got its tensor; nil for anything else.
  func view(of value: PickleValue) -> Int? {
    switch value {
    case .tensor(let view): view
    case .parameter(let number): parameters[number]
    default: nil
    }
  }

  /// Reads one pickle, up to its STOP, and gives its value. Pickles in a row share the containers.
  mutating func read() throws(PickleFailure) -> PickleValue {
    stack = []
    marks = []
    memo = [:]
    while true {
      let place = cursor.offset
      guard let code = cursor.uint8() else {
        throw PickleFailure(
          message: "the pickle does not end within \(Self.largestPickle) bytes, or is cut short")
      }
      instructionCount += 1
      guard instructionCount <= Self.largestInstructionCount else {
        throw PickleFailure(
          message: "the pickle has more than \(Self.largestInstructionCount) instructions")
      }
      guard let instruction = PickleInstruction(rawValue: code) else {
        let name = PickleInstruction.refusedNames[code] ?? "0x\(String(code, radix: 16))"
        throw PickleFailure(
          message: "pickle instruction \(name) at byte \(place) is refused: no state dict of "
            + "tensors needs it, and nothing was run")
      }
      do throws(PickleFailure) {
        if instruction == .stop {
          guard stack.count == 1, marks.isEmpty else {
            throw PickleFailure(message: "leaves \(stack.count) values, expected 1")
          }
          return stack[0]
        }
        try perform(instruction)
      } catch {
        throw PickleFailure(message: "pickle \(instruction) at byte \(place): \(error.message)")
      }
    }
  }

  /// Takes the top value, but none below the last mark.
  mutating func pop() throws(PickleFailure) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.popLast() else {
      throw PickleFailure(message: "the stack is empty")
    }
    return value
  }

  mutating func top() throws(PickleFailure) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.last else {
      throw PickleFailure(message: "the stack is empty")
    }
    return value
  }

  /// Takes all values above the last mark, and the mark.
  mutating func popToMark() throws(PickleFailure) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw PickleFailure(message: "there is no mark") }
    defer { stack.removeSubrange(mark...) }
    return Array(stack[mark...])
  }

  mutating func pushTuple(_ values: [PickleValue]) {
    tuples.append(values)
    stack.append(.tuple(tuples.count - 1))
  }
}
