import Network
import WeightFiles

/// Starts a network from weights of another one.
///
/// A file of torchvision's ResNet has the trunk's names without `net.`; its own classifier `fc` has
/// no place here. A file of a HydraNet has all names, or those that an MTAN shares with it.
///
/// - Returns: a sentence that says what was used and what was not.
/// - Throws: `FileError` for a bad file, `TrainingError` if nothing in it fits or its trunk has
///   other layers, `ModelError` for a tensor of another shape.
func loadPretrained(_ path: String, into model: HydraNet) throws -> String {
  let file = try TensorFile.read(path)
  let weights = try NetworkWeights(file, for: model)
  let known = model.stateDescription.map(\.name)
  // Part of a trunk is a mistake: the first blocks of a deeper one compute something else.
  let trunk = known.filter(isTrunkName)
  let used = Set(weights.states.map(\.name))
  let missing = trunk.first { !used.contains($0) }
  let foreign = weights.unknown.first(where: isTrunkName)
  if used.contains(where: isTrunkName), missing != nil || foreign != nil {
    let depth = model.configuration.architecture.rawValue
    let what =
      foreign.map { "this network has no \($0)" } ?? missing.map { "it lacks \($0)" } ?? ""
    if let other = weights.trunk, other.supportedDepth == nil {
      throw TrainingError(
        "\(path) holds the trunk of a \(other.title), which cannot be used here: \(what); give "
          + "weights of a ResNet-18 or a ResNet-34")
    }
    guard let other = weights.trunk?.supportedDepth, other != depth else {
      throw TrainingError(
        "\(path) holds a trunk that differs from a ResNet-\(depth): \(what); give weights of a "
          + "whole ResNet-18 or ResNet-34 of torchvision's kind")
    }
    throw TrainingError(
      "\(path) holds the trunk of a ResNet-\(other), and this network's is a ResNet-\(depth); give "
        + "the --depth that the weights are of, \(other)")
  }
  let report = try naming(path) { try model.importTensors(weights.states, allowMissing: true) }
  let unused = weights.unknown + weights.outside
  return
    "\(path): used \(weights.states.count) of \(file.tensors.count) tensors"
    + (unused.isEmpty ? "" : "; not used: \(shortList(unused))")
    + (report.missing.isEmpty
      ? "" : "; not in the file, so initialized anew: \(shortList(report.missing))")
}

/// Whether a tensor is of the trunk's stem or stages, such as `net.layer1.0.conv1.weight`. Batch
/// counts do not matter: torchvision's first files have none.
private func isTrunkName(_ name: String) -> Bool {
  ["net.conv1.", "net.bn1.", "net.layer"].contains { name.hasPrefix($0) }
    && !name.hasSuffix(NameMatch.counterSuffix)
}

/// The first names of a list, and how many more there are.
func shortList(_ names: [String]) -> String {
  names.prefix(6).joined(separator: ", ")
    + (names.count > 6 ? " and \(names.count - 6) more" : "")
}
