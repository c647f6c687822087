import Experiment
import Store

/// Where the value of (sample, channel, row, column) is in a batch of floats.
///
/// Either channel planes with consecutive columns (`columnStride` 1), or interleaved pixels
/// (`channelStride` 1, `columnStride` the number of channels). What lies between the values, such
/// as the border that a padded convolution reads, is zero in every batch.
package struct BatchLayout: Equatable, Sendable {
  package let batchSize: Int
  package let shape: ImageShape
  /// Floats of a whole batch.
  package let elementCount: Int
  /// The element of sample 0, channel 0, row 0, column 0.
  package let origin: Int
  package let sampleStride: Int
  package let channelStride: Int
  package let rowStride: Int
  package let columnStride: Int

  /// - Precondition: the strides are of one of the two kinds, and stay within `elementCount`.
  package init(
    batchSize: Int, shape: ImageShape, elementCount: Int, origin: Int, sampleStride: Int,
    channelStride: Int, rowStride: Int, columnStride: Int
  ) {
    precondition(
      columnStride == 1 || channelStride == 1 && columnStride == shape.channels,
      "a layout is planar or interleaved")
    let last =
      origin + (batchSize - 1) * sampleStride + (shape.channels - 1) * channelStride
      + (shape.height - 1) * rowStride + (shape.width - 1) * columnStride
    precondition(
      batchSize >= 1 && shape.elementCount >= 1 && origin >= 0 && last < elementCount
        && min(sampleStride, channelStride, rowStride) >= 1,
      "a layout stays within its elements")
    self.batchSize = batchSize
    self.shape = shape
    self.elementCount = elementCount
    self.origin = origin
    self.sampleStride = sampleStride
    self.channelStride = channelStride
    self.rowStride = rowStride
    self.columnStride = columnStride
  }

  /// [N][C][H][W], dense, as PyTorch's default.
  package static func nchw(batchSize: Int, shape: ImageShape) -> BatchLayout {
    let plane = shape.height * shape.width
    return BatchLayout(
      batchSize: batchSize, shape: shape, elementCount: batchSize * shape.elementCount, origin: 0,
      sampleStride: shape.elementCount, channelStride: plane, rowStride: shape.width,
      columnStride: 1)
  }

  /// [N][H][W][C], dense, as PyTorch's `channels_last` has it in memory.
  package static func nhwc(batchSize: Int, shape: ImageShape) -> BatchLayout {
    BatchLayout(
      batchSize: batchSize, shape: shape, elementCount: batchSize * shape.elementCount, origin: 0,
      sampleStride: shape.elementCount, channelStride: 1, rowStride: shape.width * shape.channels,
      columnStride: shape.channels)
  }

  /// [H + 2p][N][(W + 2p)·C], interleaved, with a border of p zero pixels on every side: the input
  /// of a convolution by batch-reduce GEMM, whose kernel rows are consecutive floats.
  package static func paddedRows(
    batchSize: Int, shape: ImageShape, padding: Int
  ) -> BatchLayout {
    let row = (shape.width + 2 * padding) * shape.channels
    return BatchLayout(
      batchSize: batchSize, shape: shape,
      elementCount: (shape.height + 2 * padding) * batchSize * row,
      origin: padding * batchSize * row + padding * shape.channels, sampleStride: row,
      channelStride: 1, rowStride: batchSize * row, columnStride: shape.channels)
  }

  /// The element of one value.
  package func element(sample: Int, channel: Int, row: Int, column: Int) -> Int {
    origin + sample * sampleStride + channel * channelStride + row * rowStride
      + column * columnStride
  }
}

/// The linear map from a pixel to what the network reads: (pixel/255 - mean) / deviation.
package struct PixelScaling: Equatable, Sendable {
  /// Per channel, so that the value is pixel·scale + bias.
  package let scale: [Float]
  package let bias: [Float]

  /// - Throws: `LoaderOptionError` for lists of different lengths, deviations that are not
  ///   positive, and what is not finite.
  package init(_ statistics: ChannelStatistics) throws(LoaderOptionError) {
    let (mean, deviation) = (statistics.mean, statistics.deviation)
    guard mean.count == deviation.count, !mean.isEmpty else {
      throw LoaderOptionError(
        "the mean and the deviation must have a value for every channel, got \(mean.count) and "
          + "\(deviation.count) values")
    }
    guard mean.allSatisfy(\.isFinite),
      deviation.allSatisfy({ $0.isFinite && $0 > 1e-6 })
    else {
      throw LoaderOptionError(
        "means must be finite and deviations above 0.000001, got \(mean) and \(deviation)")
    }
    scale = deviation.map { Float(1 / (255 * $0)) }
    bias = zip(mean, deviation).map { Float(-$0 / $1) }
  }

  /// What a choice means for the pixels of a store; nil is values from 0 to 1.
  ///
  /// - Throws: `LoaderOptionError` for values that cannot be, and where the store does not say its
  ///   own.
  package init(
    _ choice: Normalization?, for store: StoreReader
  ) throws(LoaderOptionError) {
    switch choice {
    case .dataset?:
      guard let statistics = store.channelStatistics else {
        throw LoaderOptionError(
          "\(store.path) does not give its pixels a mean from 0 to 1 and a deviation above 0; "
            + "normalize with imagenet, or build it again")
      }
      try self.init(statistics)
    case let choice?: try self.init(choice.statistics ?? .imagenet)
    case nil: try self.init(ChannelStatistics(mean: [0, 0, 0], deviation: [1, 1, 1]))
    }
  }
}
