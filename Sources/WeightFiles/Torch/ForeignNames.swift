import Terminal

/// What is done with names that a state dict does not need: a checkpoint may hold a Counter, a path
/// or a configuration beside its weights.
///
/// Nothing is ever run. Still, a call of an unknown function in a file of weights is most likely
/// an attack, which the user should learn of; so only calls of the names here are passed over.
enum ForeignNames {
  private static let callables: Set<String> = [
    "collections.Counter", "collections.deque", "collections.ChainMap",
    "_codecs.encode", "copyreg._reconstructor", "copy_reg._reconstructor",
    "argparse.Namespace", "types.SimpleNamespace", "decimal.Decimal", "fractions.Fraction",
    "uuid.UUID", "random.Random", "zoneinfo.ZoneInfo._unpickle",
    "torch.device", "torch.Generator", "torch.torch_version.TorchVersion",
    "torch.serialization._get_layout",
    "numpy.dtype", "numpy.ndarray", "numpy.core.multiarray.scalar",
    "numpy._core.multiarray.scalar", "numpy.core.multiarray._reconstruct",
    "numpy._core.multiarray._reconstruct", "numpy.core.numeric._frombuffer",
    "numpy._core.numeric._frombuffer",
  ]
  private static let types: Set<String> = [
    "set", "frozenset", "list", "dict", "tuple", "bytes", "bytearray", "str", "int", "float",
    "bool", "complex", "slice", "range", "xrange", "object",
  ]
  private static let modules = ["pathlib.", "datetime.", "torch._utils.", "numpy.random._pickle."]

  /// Whether a call of the name only makes a value, such as a set, a path or a numpy scalar.
  static func isHarmless(_ name: String) -> Bool {
    if callables.contains(name) || modules.contains(where: name.hasPrefix) { return true }
    return ["builtins.", "__builtin__."].contains {
      name.hasPrefix($0) && types.contains(String(name.dropFirst($0.count)))
    }
  }

  /// Why a name is refused, and what to do.
  static func refusal(_ name: String) -> PickleFailure {
    PickleFailure(
      message: "\(visible(name, limit: 120)) is refused: only what a state dict of tensors "
        + "needs is known, and nothing was run; save model.state_dict() and nothing else")
  }
}
