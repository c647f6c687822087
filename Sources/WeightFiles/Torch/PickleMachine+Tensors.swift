import Terminal

extension PickleMachine {
  static let largestRank = 16

  /// REDUCE: what calling the name would make of the arguments.
  mutating func reduce() throws(PickleFailure) {
    guard case .tuple(let number) = try pop() else {
      throw PickleFailure(message: "expected a tuple of arguments")
    }
    let arguments = tuples[number]
    let global: PickleGlobal
    switch try pop() {
    case .global(let known): global = known
    case .foreign(let name):
      guard ForeignNames.isHarmless(name) else { throw ForeignNames.refusal(name) }
      stack.append(.object(made(by: name, of: arguments)))
      return
    default: throw PickleFailure(message: "expected a name to call")
    }
    switch (global, arguments.count) {
    case (.orderedDictionary, 0): pushDictionary()
    case (.orderedDictionary, 1): try pushDictionary(of: arguments[0])
    case (.defaultDictionary, 0...1): pushDictionary()
    case (.rebuildTensor, 4), (.rebuildTensorV2, 6): try pushTensor(arguments)
    case (.rebuildTensorV2, 7):
      if case .dictionary(let metadata) = arguments[6], !dictionaries[metadata].isEmpty {
        throw PickleFailure(message: "a tensor is a conjugate or negative view: save its clone()")
      }
      try pushTensor(arguments)
    case (.parameter, 0):
      stack.append(.parameter(parameters.count))
      parameters.append(nil)
    case (.rebuildParameter, 3), (.parameter, 1), (.parameter, 2):
      guard case .tensor(let view) = arguments[0] else {
        throw PickleFailure(message: "a parameter is made of \(arguments[0].kind)")
      }
      stack.append(.parameter(parameters.count))
      parameters.append(view)
    case (.size, 1):
      guard case .tuple = arguments[0] else {
        throw PickleFailure(message: "torch.Size is made of \(arguments[0].kind)")
      }
      stack.append(arguments[0])
    default:
      throw PickleFailure(
        message: "\(global.rawValue) with \(arguments.count) arguments is refused")
    }
  }

  /// Python 2 and protocols below 2 make every object by one call that gets the class first.
  private func made(by name: String, of arguments: [PickleValue]) -> String {
    if name.hasSuffix("._reconstructor"), case .foreign(let made)? = arguments.first { return made }
    return name
  }

  /// BUILD: attributes beside a state dict's items (`_metadata`) or a parameter (`requires_grad`,
  /// hooks) carry no numbers, and are dropped. PyTorch's first releases gave a parameter its tensor
  /// this way, as the first of five attributes.
  mutating func build() throws(PickleFailure) {
    let state = try pop()
    switch (try top(), state) {
    case (.dictionary, .dictionary), (.dictionary, .none): break
    case (.object(let name), .dictionary(let number))
    where dictionaries[number].contains { $0.key == .string("_parameters") }:
      _ = try pop()
      stack.append(.module(name))
    case (.object, _), (.foreign, _): break
    case (.parameter(let number), .tuple(let attributes)):
      let attributes = tuples[attributes]
      if attributes.count == 5, case .tensor(let view) = attributes[0] {
        parameters[number] = view
      }
    case (let target, _):
      throw PickleFailure(message: "setting \(state.kind) on \(target.kind) is refused")
    }
  }

  /// BINPERSID: a storage, as ("storage", class, key, device, element count[, view]); or, before
  /// PyTorch 0.1.10, a tensor by its number.
  mutating func persistentIdentifier() throws(PickleFailure) {
    let identifier = try pop()
    if let outerTensors {
      guard case .string(let key) = identifier, let view = outerTensors[key] else {
        throw PickleFailure(message: "a persistent id names no tensor of the file")
      }
      stack.append(.tensor(view))
      return
    }
    guard case .tuple(let number) = identifier, (5...6).contains(tuples[number].count) else {
      throw PickleFailure(message: "expected a tuple of 5 or 6 that names a storage")
    }
    let fields = tuples[number]
    if case .foreign(let name) = fields[1] { throw ForeignNames.refusal(name) }
    guard fields[0] == .string("storage"), case .global(let global) = fields[1],
      let element = global.storageElement, case .string(let key) = fields[2],
      case .string = fields[3], case .integer(let count) = fields[4]
    else {
      throw PickleFailure(message: "expected (\"storage\", class, key, device, count)")
    }
    guard fields.count == 5 || fields[5] == .none else {
      throw PickleFailure(
        message: "storage \(quoted(key)) is a view of another, as only PyTorch before 0.4 wrote: "
          + "load and save it with a newer one")
    }
    guard element.byteCount(of: [count]) != nil else {
      throw PickleFailure(message: "storage \(quoted(key)) claims \(count) elements")
    }
    let storage = TorchStorage(key: key, element: element, count: count)
    if let known = storageNumbers[key] {
      guard storages[known] == storage else {
        throw PickleFailure(message: "storage \(quoted(key)) is described in two ways")
      }
      stack.append(.storage(known))
      return
    }
    stack.append(.storage(storages.count))
    addStorage(storage)
  }

  /// - Precondition: no storage has the key yet.
  mutating func addStorage(_ storage: TorchStorage) {
    storageNumbers[storage.key] = storages.count
    storages.append(storage)
  }

  /// Python 2 gives an OrderedDict its items as a list of pairs.
  private mutating func pushDictionary(of items: PickleValue) throws(PickleFailure) {
    guard case .list(let list) = items else {
      throw PickleFailure(message: "an OrderedDict is made of \(items.kind)")
    }
    var pairs: [(key: PickleValue, value: PickleValue)] = []
    for item in lists[list] {
      let pair: [PickleValue]
      switch item {
      case .list(let number): pair = lists[number]
      case .tuple(let number): pair = tuples[number]
      default: pair = []
      }
      guard pair.count == 2 else {
        throw PickleFailure(message: "an OrderedDict's item is not a pair")
      }
      pairs.append((pair[0], pair[1]))
    }
    pushDictionary()
    dictionaries[dictionaries.count - 1] = pairs
  }

  /// (storage, offset, shape, strides, …): checked against the storage before it is kept.
  private mutating func pushTensor(_ arguments: [PickleValue]) throws(PickleFailure) {
    guard case .storage(let storage) = arguments[0], case .integer(let offset) = arguments[1],
      let shape = integers(arguments[2]), let strides = integers(arguments[3])
    else {
      throw PickleFailure(
        message: "a tensor is made of a storage, an offset, a shape and strides, at most "
          + "\(Self.largestRank) dimensions")
    }
    let view = TorchView(storage: storage, offset: offset, shape: shape, strides: strides)
    try view.check(against: storages[storage])
    views.append(view)
    stack.append(.tensor(views.count - 1))
  }

  private func integers(_ value: PickleValue) -> [Int]? {
    guard case .tuple(let number) = value, tuples[number].count <= Self.largestRank else {
      return nil
    }
    var integers: [Int] = []
    for value in tuples[number] {
      guard case .integer(let integer) = value else { return nil }
      integers.append(integer)
    }
    return integers
  }
}
