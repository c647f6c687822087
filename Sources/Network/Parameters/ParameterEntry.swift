/// One named parameter in the arena: where it lies, and how its layout relates to PyTorch's.
struct ParameterEntry: Sendable {
  /// PyTorch's name, as `net.layer1.0.conv1.weight`.
  let name: String
  /// PyTorch's shape.
  let shape: [Int]
  let format: ParameterFormat
  /// First float in the arena, a multiple of 16.
  let offset: Int
  /// Parts of the arena that a gradient reaches at the model's input size; the rest belongs to taps
  /// that never meet their map.
  let liveRanges: [Range<Int>]
  /// Whether it is used through a `OperandBank` only, and so never transposed as it is.
  let isBanked: Bool

  var count: Int { shape.reduce(1, *) }
  var range: Range<Int> { offset..<offset + count }

  /// The parts of the arena that no gradient reaches.
  var idleRanges: [Range<Int>] {
    var idle: [Range<Int>] = []
    var start = offset
    for live in liveRanges {
      if live.lowerBound > start { idle.append(start..<live.lowerBound) }
      start = live.upperBound
    }
    if start < range.upperBound { idle.append(start..<range.upperBound) }
    return idle
  }
}

/// How a parameter lies in the arena.
enum ParameterFormat: Hashable, Sendable {
  /// As in PyTorch.
  case plain
  /// [tap][K/64][C/64][64 c][64 k], of PyTorch's [K][C][R][S] or [K][C]: every GEMM operand is one
  /// contiguous matrix of 16 KiB.
  case tiled(outputs: Int, inputs: Int, taps: Int)
  /// [R][S·3][64], of PyTorch's [64][3][R][S]: a kernel row is one matrix.
  case stem(side: Int)

  /// Copies a parameter from PyTorch's order into the arena's.
  func arrange(_ source: UnsafePointer<Float>, count: Int, into out: UnsafeMutablePointer<Float>) {
    switch self {
    case .plain: out.update(from: source, count: count)
    case .tiled, .stem: forEachPair(count: count) { out[$0] = source[$1] }
    }
  }

  /// Copies a parameter from the arena's order into PyTorch's.
  func restore(_ source: UnsafePointer<Float>, count: Int, into out: UnsafeMutablePointer<Float>) {
    switch self {
    case .plain: out.update(from: source, count: count)
    case .tiled, .stem: forEachPair(count: count) { out[$1] = source[$0] }
    }
  }

  /// Calls `body(arena index, PyTorch index)` for every element.
  @inline(__always)
  private func forEachPair(count: Int, _ body: (Int, Int) -> Void) {
    switch self {
    case .plain:
      for i in 0..<count { body(i, i) }
    case .tiled(let outputs, let inputs, let taps):
      let tile = tileWidth * tileWidth
      let outputTiles = outputs / tileWidth
      let inputTiles = inputs / tileWidth
      // Tile by tile, so that both sides stay in cache.
      for kb in 0..<outputTiles {
        for cb in 0..<inputTiles {
          let base = (kb * inputTiles + cb) * tile
          let tapStride = outputTiles * inputTiles * tile
          for k in 0..<tileWidth {
            let row = ((kb * tileWidth + k) * inputs + cb * tileWidth) * taps
            for c in 0..<tileWidth {
              for tap in 0..<taps {
                body(base &+ tap &* tapStride &+ c &* tileWidth &+ k, row &+ c &* taps &+ tap)
              }
            }
          }
        }
      }
    case .stem(let side):
      let channels = 3
      for k in 0..<tileWidth {
        for c in 0..<channels {
          for r in 0..<side {
            for s in 0..<side {
              body(
                ((r * side + s) * channels + c) * tileWidth + k,
                ((k * channels + c) * side + r) * side + s)
            }
          }
        }
      }
    }
  }
}
