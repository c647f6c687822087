/// The tensors of a pickle's value by name: the state dict itself, or the one inside a checkpoint.
struct StateDict {
  /// Where checkpoints keep their state dict.
  static let nestedKeys = ["state_dict", "model_state_dict", "model"]

  private(set) var entries: [(name: String, view: Int)] = []
  private(set) var notes: [String] = []
  /// The storages that the tensors use, ascending.
  let storages: [Int]

  /// - Throws: `ModelFileError` where the value holds no tensors, or a name twice.
  init(_ machine: PickleMachine, _ root: PickleValue, path: String) throws(ModelFileError) {
    guard case .dictionary(let number) = root else {
      throw ModelFileError(
        path: path, message: "holds \(root.kind), expected a state dict of tensors")
    }
    var pairs = machine.dictionaries[number]
    for key in Self.nestedKeys {
      guard let nested = pairs.last(where: { $0.key == .string(key) }),
        case .dictionary(let inner) = nested.value,
        machine.dictionaries[inner].contains(where: { machine.view(of: $0.value) != nil })
      else { continue }
      let others = pairs.count - 1
      notes.append(
        "took the state dict under \(quoted(key))"
          + (others > 0 ? ", and left \(others) other entries of the checkpoint alone" : ""))
      pairs = machine.dictionaries[inner]
      break
    }
    var names: Set<String> = []
    var skipped: [String] = []
    for pair in pairs {
      guard case .string(let name) = pair.key, let view = machine.view(of: pair.value) else {
        if case .string(let name) = pair.key { skipped.append(name) } else { skipped.append("?") }
        continue
      }
      guard names.insert(name).inserted else {
        throw ModelFileError(path: path, message: "tensor \(quoted(name)) is named twice")
      }
      entries.append((name, view))
    }
    guard !entries.isEmpty else {
      let keys = skipped.prefix(5).map { quoted($0, limit: 40) }.joined(separator: ", ")
      throw ModelFileError(
        path: path,
        message: "holds no tensors, expected a state dict, alone or under "
          + Self.nestedKeys.map { quoted($0) }.joined(separator: ", ")
          + (keys.isEmpty ? "; the dictionary is empty" : "; its keys are \(keys)"))
    }
    if !skipped.isEmpty {
      let some = skipped.prefix(3).map { quoted($0, limit: 40) }.joined(separator: ", ")
      notes.append("left out \(skipped.count) entries that are no tensors: \(some)")
    }
    if entries.allSatisfy({ $0.name.hasPrefix("module.") }) {
      entries = entries.map { (String($0.name.dropFirst("module.".count)), $0.view) }
      notes.append("took the prefix \"module.\" off every name")
    }
    storages = Set(entries.map { machine.views[$0.view].storage }).sorted()
  }
}
