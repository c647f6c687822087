/// All parameters of a model: one flat allocation with named views.
final class ParameterTable {
  private(set) var entries: [ParameterEntry] = []
  /// Floats of the arena, alignment included.
  private(set) var floatCount = 0
  /// Floats of the arena of transformed weights.
  private(set) var filterFloatCount = 0
  private var indices: [String: Int] = [:]

  /// Adds a parameter that PyTorch stores as it is used.
  func addPlain(_ name: String, shape: [Int]) -> ParameterEntry {
    add(name, shape: shape, format: .plain, liveTaps: [0], taps: 1)
  }

  /// Adds the weights of a convolution or, with one tap and a shape of two axes, of a linear layer.
  ///
  /// - Parameter isFiltered: used through a `FilterBank` only.
  func addTiled(
    _ name: String, shape: [Int], liveTaps: [Int], isFiltered: Bool = false
  ) -> ParameterEntry {
    let taps = shape.dropFirst(2).reduce(1, *)
    precondition(
      shape[0] % tileWidth == 0 && shape[1] % tileWidth == 0,
      "\(name): channels come in multiples of \(tileWidth)")
    return add(
      name, shape: shape, format: .tiled(outputs: shape[0], inputs: shape[1], taps: taps),
      liveTaps: liveTaps, taps: taps, isFiltered: isFiltered)
  }

  /// Makes room for transformed weights.
  ///
  /// - Returns: their first float in the arena.
  func addFilter(floatCount: Int) -> Int {
    defer { filterFloatCount += floatCount }
    return filterFloatCount
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
    isFiltered: Bool = false
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
      isFiltered: isFiltered)
    indices[name] = entries.count
    entries.append(entry)
    floatCount += (count + 15) / 16 * 16
    return entry
  }
}
