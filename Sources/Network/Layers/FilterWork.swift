/// A loop over tiles that depends on the kind of minimal filter.
protocol FilterWork: TileWork {
  var tiling: FilterTiling { get }

  func run<Filter: MinimalFilter>(_: Filter.Type, task: Int, on worker: TileWorker)
}

extension FilterWork {
  func run(task: Int, on worker: TileWorker) {
    switch tiling.kind {
    case .pair: run(PairFilter.self, task: task, on: worker)
    case .quad: run(QuadFilter.self, task: task, on: worker)
    }
  }
}

/// 16 channels of a sample, at all pixels of a tile.
struct TileLanes {
  /// Of the tile's pixels, row by row; -1 outside the map.
  let positions: UnsafeBufferPointer<Int>
  /// Number of the first pixel among those of all tiles.
  let firstPixel: Int
  /// Offset of the channels from the pixel's tile of the chunk, in floats.
  let offset: Int
  /// Their offset in a matrix of the chunk, in floats.
  let row: Int

  @inline(__always)
  func position(_ pixel: Int) -> Int {
    // SAFETY: the steps of a filter stay below the number of a tile's pixels.
    positions.baseAddress.unsafelyUnwrapped[pixel]
  }
}

extension SampleChunk {
  /// Calls `body` for all tiles, samples and groups of 16 channels.
  ///
  /// - Parameters:
  ///   - positions: a table of `FilterTiling`.
  ///   - pixelCount: pixels of a tile in it.
  @inline(__always)
  func forEachLanes(
    of positions: [Int], pixelCount: Int, _ body: (TileLanes) -> Void
  ) {
    let rowsPerTile = sampleCount &* tileWidth
    positions.withUnsafeBufferPointer { table in
      for tile in 0..<table.count / pixelCount {
        let first = tile &* pixelCount
        let pixels = UnsafeBufferPointer(rebasing: table[first..<first &+ pixelCount])
        for offset in stride(from: 0, to: rowsPerTile, by: Lanes.scalarCount) {
          body(
            TileLanes(
              positions: pixels, firstPixel: first, offset: offset,
              row: tile &* rowsPerTile &+ offset))
        }
      }
    }
  }
}

extension TileWorker {
  /// All products of a chunk, one batch-reduce GEMM each over the map's blocks of channels, into
  /// `products`.
  ///
  /// - Parameter weight: the matrix for a product and a block of the map's channels.
  @inline(__always)
  func multiply(
    _ map: OperandMap, chunk index: Int, of plan: ChunkPlan,
    by weight: (_ product: Int, _ block: Int) -> UnsafeRawPointer
  ) {
    for product in 0..<map.productCount {
      for block in 0..<map.blockCount {
        addresses.append(
          left: map.matrix(chunk: index, product: product, block: block),
          right: weight(product, block))
      }
      plan.chunks[index].kernels.product.run(
        addresses, out: products + product &* plan.productStride)
    }
  }
}
