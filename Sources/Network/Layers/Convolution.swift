/// A convolution without bias, or a linear layer as one of a single pixel and tap: geometry and
/// weights. Channels come in multiples of 64.
final class Convolution {
  let weight: ParameterEntry
  let taps: WindowTaps
  /// Of its minimal filter; nil where the direct product is as good.
  let tiling: FilterTiling?
  /// Its first element in the arenas of an `OperandBank`; nil where its weights are always read as
  /// they lie.
  let bankOffset: Int?
  /// C/64.
  let inputBlocks: Int
  /// K/64.
  let outputBlocks: Int

  /// For every live tap its number among them, in the bank of a direct product.
  private let liveIndices: [Int]

  /// A convolution of side `kernel` whose padding keeps a map's size at stride 1.
  ///
  /// - Parameter isRounded: whether training in bfloat16 rounds the operands of a direct product.
  init(
    name: String, inputs: Int, outputs: Int, kernel: Int, stride: Int, size: MapSize,
    isRounded: Bool = true, table: ParameterTable
  ) {
    taps = WindowTaps(input: size, kernel: kernel, stride: stride, padding: kernel / 2)
    tiling = FilterTiling(input: size, kernel: kernel, stride: stride, linkCount: taps.linkCount)
    let isBanked = tiling != nil || isRounded && table.precision == .bf16
    weight = table.addTiled(
      name, shape: [outputs, inputs, kernel, kernel], liveTaps: taps.liveTaps,
      isBanked: isBanked)
    let matrixCount = tiling?.productCount ?? taps.liveTaps.count
    bankOffset =
      isBanked ? table.addOperands(elementCount: matrixCount * inputs * outputs) : nil
    liveIndices = Convolution.liveIndices(taps)
    inputBlocks = inputs / tileWidth
    outputBlocks = outputs / tileWidth
  }

  /// The weights of a linear layer; its bias is the caller's.
  init(linear name: String, inputs: Int, outputs: Int, table: ParameterTable) {
    taps = WindowTaps(input: MapSize(height: 1, width: 1), kernel: 1, stride: 1, padding: 0)
    weight = table.addTiled(name, shape: [outputs, inputs], liveTaps: [0])
    tiling = nil
    bankOffset = nil
    liveIndices = Convolution.liveIndices(taps)
    inputBlocks = inputs / tileWidth
    outputBlocks = outputs / tileWidth
  }

  /// Offset in the arena of the 64 c × 64 k matrix of a tap.
  @inline(__always)
  func weightTile(tap: Int, outputBlock: Int, inputBlock: Int) -> Int {
    weight.offset
      &+ ((tap &* outputBlocks &+ outputBlock) &* inputBlocks &+ inputBlock) &* Convolution.tile
  }

  /// Offset, in the arena of transposed weights, of the same matrix as 64 k × 64 c.
  @inline(__always)
  func transposedTile(tap: Int, outputBlock: Int, inputBlock: Int) -> Int {
    weight.offset
      &+ ((tap &* inputBlocks &+ inputBlock) &* outputBlocks &+ outputBlock) &* Convolution.tile
  }

  private static func liveIndices(_ taps: WindowTaps) -> [Int] {
    let live = taps.liveTaps
    return (0..<taps.tapCount).map { live.firstIndex(of: $0) ?? 0 }
  }

  /// Number of a tap's matrices in a bank, where the product is direct.
  @inline(__always)
  func bankProduct(tap: Int) -> Int { liveIndices[tap] }

  /// Offset in a bank of the 64 c × 64 k matrix of a filter's product, or of a tap.
  @inline(__always)
  func bankTile(product: Int, outputBlock: Int, inputBlock: Int) -> Int {
    (bankOffset ?? 0)
      &+ ((product &* outputBlocks &+ outputBlock) &* inputBlocks &+ inputBlock)
      &* Convolution.tile
  }

  /// Offset, in a bank's transposed arena, of the same matrix as 64 k × 64 c.
  @inline(__always)
  func transposedBankTile(product: Int, outputBlock: Int, inputBlock: Int) -> Int {
    (bankOffset ?? 0)
      &+ ((product &* inputBlocks &+ inputBlock) &* outputBlocks &+ outputBlock)
      &* Convolution.tile
  }

  /// Floats of a 64×64 matrix.
  static let tile = tileWidth * tileWidth

  /// Multiply-adds of one sample's forward pass.
  func multiplyAdds(_ count: OperationCount) -> Int {
    let pairs =
      switch count {
      case .direct: taps.linkCount
      case .performed: tiling?.multiplyAdds ?? taps.linkCount
      }
    return pairs * inputBlocks * outputBlocks * Convolution.tile
  }

  /// The most operands that one tile of the forward or the backward pass adds up.
  var addressCapacity: Int { taps.tapCount * max(inputBlocks, outputBlocks) }
}

/// What is counted as a network's work.
package enum OperationCount: Sendable {
  /// Every convolution as the products of its taps inside the map, without padding: what the
  /// network is.
  case direct
  /// The matrix products that the engine runs: fewer where it uses minimal filters, whose tiles
  /// count as a whole.
  case performed
}
