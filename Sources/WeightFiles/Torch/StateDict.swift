import Files
import Terminal

/// The tensors of a pickle's value by name: the state dict itself, or the one inside a checkpoint.
///
/// Where a checkpoint holds several state dicts, all of them are here, and the keys that lead to one
/// are the prefix of its names: whoever knows the network's names can tell them apart.
struct StateDict {
  private static let deepestNest = 8
  private static let largestCandidateCount = 1000
  /// Dictionaries with fewer tensors than this are not networks where a larger one is beside them:
  /// an optimizer keeps a few for every parameter.
  private static let smallestNetwork = 10

  /// A dictionary that has tensors of its own.
  private struct Candidate {
    let path: [String]
    let entries: [(name: String, view: Int)]
    /// Keys whose values are not tensors.
    let others: [String]

    var prefix: String { path.map { $0 + "." }.joined() }
  }

  private(set) var entries: [(name: String, view: Int)] = []
  private(set) var notes: [String] = []
  /// The storages that the tensors use, ascending.
  let storages: [Int]

  /// - Throws: `FileError` where the value holds no tensors, or a name twice.
  init(_ machine: PickleMachine, _ root: PickleValue, path: String) throws(FileError) {
    guard case .dictionary(let number) = root else {
      throw FileError(path, Self.unusable(root))
    }
    let candidates = try Self.candidates(machine, number, path: path)
    let largest = candidates.map(\.entries.count).max() ?? 0
    guard largest > 0 else {
      throw FileError(path, Self.unusable(machine.dictionaries[number]))
    }
    let networks = candidates.filter { $0.entries.count >= min(largest, Self.smallestNetwork) }
    if networks.count == 1 {
      entries = networks[0].entries
      let keys = networks[0].path.joined(separator: ".")
      let left = machine.dictionaries[number].count - 1
      if !keys.isEmpty {
        notes.append(
          "took the state dict under \(quoted(keys))"
            + (left > 0 ? ", and left \(left) other entries of the checkpoint alone" : ""))
      }
    } else {
      entries = networks.flatMap { network in
        network.entries.map { (network.prefix + $0.name, $0.view) }
      }
      let keys = networks.map { quoted($0.path.joined(separator: ".")) }
      notes.append(
        "holds \(networks.count) state dicts, under \(keys.joined(separator: ", ")), whose names "
          + "begin with these keys here")
    }
    var names: Set<String> = []
    for entry in entries where !names.insert(entry.name).inserted {
      throw FileError(path, "tensor \(quoted(entry.name)) is named twice")
    }
    let others = networks.flatMap(\.others)
    if !others.isEmpty {
      let some = others.prefix(3).map { quoted($0, limit: 40) }.joined(separator: ", ")
      notes.append("skipped \(others.count) entries that are not tensors: \(some)")
    }
    storages = Set(entries.map { machine.views[$0.view].storage }).sorted()
  }

  /// The dictionaries with tensors in a dictionary, itself first, each once. One that repeats
  /// another's names and tensors is left out.
  private static func candidates(
    _ machine: PickleMachine, _ root: Int, path: String
  ) throws(FileError) -> [Candidate] {
    var found: [Candidate] = []
    var open: [(number: Int, path: [String])] = [(root, [])]
    var seen: Set<Int> = [root]
    var next = 0
    while next < open.count {
      let (number, keys) = open[next]
      next += 1
      var tensors: [(name: String, view: Int)] = []
      var others: [String] = []
      for pair in machine.dictionaries[number] {
        guard case .string(let name) = pair.key else {
          others.append("?")
          continue
        }
        if let view = machine.view(of: pair.value) {
          tensors.append((name, view))
          continue
        }
        others.append(name)
        if case .dictionary(let inner) = pair.value, keys.count < deepestNest,
          seen.insert(inner).inserted
        {
          open.append((inner, keys + [name]))
        }
      }
      guard found.count <= largestCandidateCount else {
        throw FileError(
          path,
          "holds more than \(largestCandidateCount) dictionaries of tensors, expected a "
            + "state dict; save model.state_dict() and nothing else")
      }
      let isCopy = found.contains { earlier in
        earlier.entries.elementsEqual(tensors) {
          $0.name == $1.name && machine.views[$0.view] == machine.views[$1.view]
        }
      }
      if !tensors.isEmpty, !isCopy {
        found.append(Candidate(path: keys, entries: tensors, others: others))
      }
    }
    return found
  }

  /// Why a value that is not a dictionary cannot be used, and what to do.
  private static func unusable(_ root: PickleValue) -> String {
    switch root {
    case .foreign(let name): ForeignNames.refusal(name).message
    case .module, .object:
      "holds \(root.kind), which only its own code could make; nothing was run: save "
        + "model.state_dict() instead of the model"
    default: "holds \(root.kind), expected a state dict of tensors"
    }
  }

  /// Why a dictionary without tensors cannot be used.
  private static func unusable(_ pairs: [(key: PickleValue, value: PickleValue)]) -> String {
    for case (.string(let key), .module(let name)) in pairs {
      return "holds \(PickleValue.module(name).kind) under \(quoted(key)), which only its own code "
        + "could make; nothing was run: save model.state_dict() instead of the model"
    }
    let keys = pairs.prefix(5).map { pair in
      if case .string(let name) = pair.key { quoted(name, limit: 40) } else { pair.key.kind }
    }
    return "holds no tensors, expected a state dict, alone or under "
      + "\"state_dict\", \"model\" or another key"
      + (keys.isEmpty
        ? "; the dictionary is empty" : "; its keys are \(keys.joined(separator: ", "))")
  }
}
