/// How a 3×3 convolution of stride 1 and padding 1 is cut into tiles for a `MinimalFilter`: the
/// map's pixels under each tile. Zeros around the map are never stored.
final class FilterTiling: Sendable {
  enum Kind: Sendable {
    case pair
    case quad
  }

  let kind: Kind
  /// Tiles of one map.
  let tileCount: Int
  /// Multiplications of a tile, a square number.
  let productCount: Int

  /// For every tile the pixels that it reads, row by row, and those that it makes; -1 outside the map.
  let inputPositions: [Int]
  let outputPositions: [Int]
  /// For every pixel that a tile reads: whether an earlier tile reads it too.
  let isShared: [Bool]

  /// A convolution gains where this share of its multiply-adds is left, or less: the transforms
  /// cost a third of what the products do.
  private static let worthwhile = 0.6

  /// The tiling of a convolution, or nil where the direct product is as good.
  ///
  /// - Parameter linkCount: the multiply-adds of the direct product, for a pair of channels.
  init?(input size: MapSize, kernel: Int, stride: Int, linkCount: Int) {
    guard kernel == 3, stride == 1 else { return nil }
    let isPair = size.height == 2 && size.width == 2
    guard isPair || size.height > 2 && size.width > 2 else { return nil }
    kind = isPair ? .pair : .quad
    let margin = isPair ? 0 : 1
    let inputSide = isPair ? PairFilter.Input.count : QuadFilter.Input.count
    let outputSide = isPair ? PairFilter.Output.resultCount : QuadFilter.Output.resultCount
    let side = isPair ? PairFilter.Input.resultCount : QuadFilter.Input.resultCount
    productCount = side * side
    let down = (size.height + outputSide - 1) / outputSide
    let across = (size.width + outputSide - 1) / outputSide
    tileCount = down * across

    guard Double(tileCount * productCount) <= FilterTiling.worthwhile * Double(linkCount) else {
      return nil
    }

    var inputs: [Int] = []
    var outputs: [Int] = []
    var shared: [Bool] = []
    func position(_ y: Int, _ x: Int) -> Int {
      (0..<size.height).contains(y) && (0..<size.width).contains(x) ? y * size.width + x : -1
    }
    for ty in 0..<down {
      for tx in 0..<across {
        for i in 0..<inputSide * inputSide {
          let (y, x) = (i / inputSide, i % inputSide)
          inputs.append(position(ty * outputSide + y - margin, tx * outputSide + x - margin))
          shared.append(ty > 0 && y < 2 * margin || tx > 0 && x < 2 * margin)
        }
        for i in 0..<outputSide * outputSide {
          outputs.append(
            position(ty * outputSide + i / outputSide, tx * outputSide + i % outputSide))
        }
      }
    }
    inputPositions = inputs
    outputPositions = outputs
    isShared = shared
  }

  /// Multiply-adds of one sample for a pair of channels.
  var multiplyAdds: Int { tileCount * productCount }

  /// Samples that are taken together: as many as make about 32 rows of tiles, which fill the depth of a
  /// product over samples in bfloat16. With 64 a step took as long, and there is half as much for
  /// threads to share; with 16 it took 1.04 times as long at 32×32, and 1.15 times at 64×64.
  var samplesPerChunk: Int { max(1, FilterTiling.chunkRows / tileCount) }

  /// Chunks that a batch is cut into.
  func chunkCount(sampleCount: Int) -> Int {
    (sampleCount + samplesPerChunk - 1) / samplesPerChunk
  }

  private static let chunkRows = 32
}
