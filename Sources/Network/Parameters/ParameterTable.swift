import Experiment

/// All parameters of a model: one flat allocation with named views.
final class ParameterTable {
  /// Of training.
  let precision: TrainingPrecision
  private(set) var entries: [ParameterEntry] = []
  /// Floats of the arena, alignment included.
  private(set) var floatCount = 0
  /// Elements of the arenas of an `OperandBank`.
  private(set) var bankElementCount = 0
  private var indices: [String: Int] = [:]

  init(precision: TrainingPrecision) { self.precision = precision }

  /// Adds a parameter that PyTorch stores as it is used.
  func addPlain(_ name: String, shape: [Int]) -> ParameterEntry {
    add(name, shape: shape, format: .plain, liveTaps: [0], taps: 1)
  }

  /// Adds the weights of a convolution or, with one tap and a shape of two axes, of a linear layer.
  ///
  /// - Parameter isBanked: read from an `OperandBank` in training.
  func addTiled(
    _ name: String, shape: [Int], liveTaps: [Int], isBanked: Bool = false
  ) -> ParameterEntry {
    let taps = shape.dropFirst(2).reduce(1, *)
    precondition(
      shape[0] % tileWidth == 0 && shape[1] % tileWidth == 0,
      "\(name): channels come in multiples of \(tileWidth)")
    return add(
      name, shape: shape, format: .tiled(outputs: shape[0], inputs: shape[1], taps: taps),
      liveTaps: liveTaps, taps: taps, isBanked: isBanked)
  }

  /// Makes room for a convolution's weights in an `OperandBank`.
  ///
  /// - Returns: their first element in its arenas.
  func addOperands(elementCount: Int) -> Int {
    defer { bankElementCount += elementCount }
    return bankElementCount
  }

  /// Adds the weights of the first convolution.
  func addStem(_ name: String, side: Int) -> ParameterEntry {
    add(
      name, shape: [tileWidth, 3, side, side], format: .stem(side: side), liveTaps: [0], taps: 1)
  }

  /// The entry of that name, or nil.
  func index(of name: String) -> Int? { indices[name] }

  private func add(
    _ name: String, shape: [Int], format: ParameterFormat, liveTaps: [Int], taps: Int,
    isBanked: Bool = false
  ) -> ParameterEntry {
    precondition(indices[name] == nil, "\(name) is added once")
    let count = shape.reduce(1, *)
    let offset = floatCount
    let perTap = count / taps
    var live: [Range<Int>] = []
    for tap in liveTaps {
      let range = offset + tap * perTap..<offset + (tap + 1) * perTap
      if let last = live.last, last.upperBound == range.lowerBound {
        live[live.count - 1] = last.lowerBound..<range.upperBound
      } else {
        live.append(range)
      }
    }
    let entry = ParameterEntry(
      name: name, shape: shape, format: format, offset: offset, liveRanges: live,
      isBanked: isBanked)
    indices[name] = entries.count
    entries.append(entry)
    floatCount += (count + 15) / 16 * 16
    return entry
  }
}
