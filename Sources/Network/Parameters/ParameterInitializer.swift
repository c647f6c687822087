import Threads

/// PyTorch's default initialization of a torchvision ResNet and of linear layers.
///
/// Convolutions: normal with deviation √(2 / (K·R·S)) (Kaiming, fan out, torchvision's resnet.py).
/// BatchNorm: weight 1, bias 0. Linear: weight and bias uniform within 1/√inputs (nn.Linear).
enum ParameterInitializer {
  /// Fills every entry of the arena; the same numbers for any number of threads.
  static func fill(
    _ arena: UnsafeMutablePointer<Float>, entries: [ParameterEntry], seed: UInt64, pool: ThreadPool
  ) {
    // Pieces of one entry, in the arena's order: which element gets which number does not matter.
    var pieces: [(entry: Int, range: Range<Int>)] = []
    for (index, entry) in entries.enumerated() {
      for start in stride(from: 0, to: entry.count, by: 1 << 16) {
        pieces.append((index, start..<min(start + 1 << 16, entry.count)))
      }
    }
    pool.forEach(count: pieces.count) { piece, _ in
      let entry = entries[pieces[piece].entry]
      let random = CounterRandom(seed: seed, stream: entry.name)
      fill(arena + entry.offset, pieces[piece].range, rule(for: entry), random)
    }
  }

  private enum Rule {
    case normal(deviation: Float)
    case uniform(bound: Float)
    case constant(Float)
  }

  private static func rule(for entry: ParameterEntry) -> Rule {
    let shape = entry.shape
    if shape.count == 4 {
      return .normal(deviation: (2 / Float(shape[0] * shape[2] * shape[3])).squareRoot())
    }
    // Both linear layers of a head read the trunk's 512 features or as many hidden values.
    if shape.count == 2 || entry.name.contains(".fc") {
      return .uniform(bound: 1 / Float(HeadShape.inputCount).squareRoot())
    }
    return .constant(entry.name.hasSuffix(".weight") ? 1 : 0)
  }

  private static func fill(
    _ values: UnsafeMutablePointer<Float>, _ range: Range<Int>, _ rule: Rule,
    _ random: CounterRandom
  ) {
    switch rule {
    case .constant(let value):
      for i in range { values[i] = value }
    case .uniform(let bound):
      for i in range { values[i] = random.uniform(i, bound: bound) }
    case .normal(let deviation):
      // Ranges begin at an even number, and convolutions have an even number of weights.
      for i in stride(from: range.lowerBound, to: range.upperBound, by: 2) {
        let (a, b) = random.normalPair(i)
        values[i] = a * deviation
        values[i + 1] = b * deviation
      }
    }
  }
}
