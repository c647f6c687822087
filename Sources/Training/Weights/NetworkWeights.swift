import Network
import Tensors
import WeightFiles

/// The tensors of a weight file that a network has, found under whatever prefix and checked: what
/// `--weights` and `--pretrained` put into a network.
struct NetworkWeights {
  let states: [StateTensor]
  /// Names of the file's network that this one does not have.
  let unknown: [String]
  /// Other names in the file.
  let outside: [String]
  /// The trunk that the file's network has.
  let trunk: TrunkShape?

  /// - Throws: `FileError` where it is not clear which network of the file is meant,
  ///   `TrainingError` where nothing in it fits or a weight is not a number.
  init(_ file: TensorFile, for model: HydraNet) throws {
    guard file.metadata[checkpointProgressKey] == nil else {
      throw TrainingError(
        "\(file.path) is the checkpoint of a run, with its optimizer's state; give the run's "
          + "best.safetensors or last.safetensors, or --resume the run")
    }
    let match = try NameMatch(file, known: model.stateDescription.map(\.name))
    guard !match.tensors.isEmpty else {
      throw TrainingError(
        "\(file.path) has no tensor that this network knows (its first is "
          + "\(file.tensors.first?.name ?? "none")); expected a ResNet-18 or -34 of torchvision's "
          + "or weights that hydra-train wrote")
    }
    states = try naming(file.path) { try match.tensors.compactMap(Self.state) }
    for state in states { try Self.check(state, in: file.path) }
    unknown = match.unknown.map(\.name)
    outside = match.outside
    trunk = TrunkShape(match.tensors + match.unknown)
  }

  /// The tensor as the engine takes it. A counter may be a float, or of one dimension; PyTorch does
  /// not need it, and one that is not a count is left out.
  private static func state(_ tensor: NamedTensor) throws -> StateTensor? {
    guard tensor.name.hasSuffix(NameMatch.counterSuffix) else {
      return try tensor.state(name: tensor.name)
    }
    guard tensor.elementCount == 1 else { return nil }
    let count: Int64? =
      tensor.element.isFloatingPoint
      ? try tensor.floats().first.flatMap { Int64(exactly: $0.rounded()) }
      : try tensor.integers().first
    return count.map { StateTensor(name: tensor.name, shape: [], integers: [$0]) }
  }

  /// Refuses what no training could have made, or only one that diverged: figures of such weights
  /// would look like results.
  private static func check(_ state: StateTensor, in path: String) throws {
    guard let floats = state.floats else { return }
    let isVariance = state.name.hasSuffix(".running_var")
    guard let place = floats.firstIndex(where: { !$0.isFinite || isVariance && $0 < 0 }) else {
      return
    }
    throw TrainingError(
      "\(path): element \(place) of tensor \(state.name) is \(floats[place]), expected a "
        + "\(isVariance ? "variance of 0 or more" : "finite number"): the weights are damaged, or "
        + "their training diverged; use those of an earlier epoch")
  }
}
