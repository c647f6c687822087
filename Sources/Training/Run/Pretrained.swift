import Experiment
import Network
import Tensors
import WeightFiles

/// Starts a network from weights of another one.
///
/// A file of torchvision's ResNet has the trunk's names without `net.`; its own classifier `fc` has
/// no place here. A file of a HydraNet has all names, or those that an MTAN shares with it.
///
/// - Returns: a sentence that says what was used and what was not.
/// - Throws: `ModelFileError` for a bad file, `TrainingError` if nothing in it fits or its trunk has
///   other layers, `ModelError` for a tensor of another shape.
func loadPretrained(_ path: String, into model: HydraNet) throws -> String {
  let file = try TensorFile.read(path)
  let known = Set(model.stateDescription.map(\.name))
  var used: [StateTensor] = []
  var unused: [String] = []
  for tensor in file.tensors {
    let names = [tensor.name, "net." + tensor.name]
    if let name = names.first(where: known.contains) {
      used.append(try tensor.state(name: name))
    } else {
      unused.append(tensor.name)
    }
  }
  guard !used.isEmpty else {
    throw TrainingError(
      "\(path) has no tensor that this network knows (its first is "
        + "\(file.tensors.first?.name ?? "none")); expected a ResNet-18 or -34 of torchvision's "
        + "or weights that hydra-train wrote")
  }
  // Part of a trunk is a mistake: the first blocks of a deeper one compute something else.
  let trunk = known.filter(isTrunkName)
  let usedTrunk = used.filter { isTrunkName($0.name) }.count
  let foreign = unused.first { isTrunkName($0) || isTrunkName("net." + $0) }
  if usedTrunk > 0, usedTrunk < trunk.count || foreign != nil {
    throw TrainingError(
      "\(path) holds a trunk of another depth: "
        + (foreign.map { "this network has no \($0)" }
          ?? "it has \(usedTrunk) of the \(trunk.count) tensors")
        + "; give the --depth that the weights are of, 18 or 34")
  }
  let report = try naming(path) { try model.importTensors(used, allowMissing: true) }
  return
    "\(path): used \(used.count) of \(file.tensors.count) tensors"
    + (unused.isEmpty ? "" : "; not used: \(shortList(unused))")
    + (report.missing.isEmpty
      ? "" : "; not in the file, so as initialised: \(shortList(report.missing))")
}

/// Whether a tensor is of the trunk's stem or stages, such as `net.layer1.0.conv1.weight`. Batch
/// counts do not matter: torchvision's first files have none.
private func isTrunkName(_ name: String) -> Bool {
  ["net.conv1.", "net.bn1.", "net.layer"].contains { name.hasPrefix($0) }
    && !name.hasSuffix(".num_batches_tracked")
}

/// The first names of a list, and how many more there are.
private func shortList(_ names: [String]) -> String {
  names.prefix(6).joined(separator: ", ")
    + (names.count > 6 ? " and \(names.count - 6) more" : "")
}
