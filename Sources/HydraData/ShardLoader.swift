import Experiment
import Files
import Loader
import Store

/// An endless sequence of batches of a split with a place in it, made by threads of its own while
/// the caller works; `for` goes on to the end of the epoch.
///
/// ```swift
/// let loader = try ShardLoader(store.split("train"), batchSize: 64, seed: 1, flip: true)
/// for _ in 0..<10 {
///   for result in loader {
///     let batch = try result.get()
///     let ages = try batch.labels("age")
///     batch.withImages { images in train(images, ages) }
///   }
/// }
/// ```
///
/// The order and every value are functions of (seed, epoch, position) alone, and those that
/// `hydra-train` sees, whatever the number of threads. A run is resumed from two integers: give a
/// new loader the `epoch` and `position` that the old one had.
///
/// One thread at a time may use a loader. Batches may go to other threads.
public final class ShardLoader {
  /// How a byte of an image becomes a float: (byte / 255 - mean) / deviation, by channel.
  public enum Normalization: Sendable, Equatable {
    /// ImageNet's mean and deviation, which torchvision's weights expect.
    case imagenet
    /// Those of the store's training images.
    case dataset
    /// Mean and deviation of R, G and B, of values from 0 to 1.
    case values(mean: [Double], deviation: [Double])
    /// None: values from 0 to 1.
    case unit
  }

  public let split: ShardStore.Split
  public let batchesPerEpoch: Int
  /// Of the next batch.
  public var epoch: Int { step / batchesPerEpoch }
  /// Of the next batch in its epoch, from 0.
  public var position: Int { step % batchesPerEpoch }

  private let source: any SampleSource
  private let options: LoaderOptions
  private let labels: LabelColumns
  private var step = 0
  /// Nil before the first batch, and after a move or an error.
  private var stream: BatchStream?

  /// Batches that are lent at a time. Who holds more gets copies of the others, so that the threads
  /// always have memory to fill.
  private static let lentCount = 2

  /// Checks everything and reads the labels. Threads start with the first batch.
  ///
  /// - Parameters:
  ///   - batchSize: samples in a batch; the last of an epoch may have fewer.
  ///   - shuffle: whether every epoch has an order of its own, or all have the store's.
  ///   - seed: of the order, of the mirroring and of the crops.
  ///   - epoch: where to begin, from 0.
  ///   - position: the batch of that epoch to begin with, from 0.
  ///   - dropLast: whether an epoch ends before a batch that would not be full.
  ///   - rank: which of `worldSize` processes this is, from 0; together their batches of one
  ///     position are what one process would see with a batch `worldSize` times as large.
  ///   - flip: whether half of the images are mirrored.
  ///   - cropPadding: black pixels added on every side before a random crop back to size.
  ///   - columns: the columns that batches have; by default those whose role is label.
  ///   - threads: by default one for each core.
  ///   - cacheByteCount: decoded pixels to keep in memory; by default all where that is at most
  ///     128 MiB, else none.
  /// - Throws: `ShardError` for what is not possible with this store, and a damaged column.
  public init(
    _ split: ShardStore.Split, batchSize: Int = 128, shuffle: Bool = true, seed: UInt64 = 0,
    epoch: Int = 0, position: Int = 0, dropLast: Bool = false, rank: Int = 0, worldSize: Int = 1,
    flip: Bool = false, cropPadding: Int = 0, normalization: Normalization = .imagenet,
    columns: [String]? = nil, threads: Int? = nil, cacheByteCount: Int? = nil
  ) throws(ShardError) {
    self.split = split
    let base = ShardSource(split.reader)
    (source, options) = try ShardError.converting {
      let order = try SampleOrder(
        sampleCount: split.sampleCount, batchSize: batchSize,
        shuffle: shuffle ? .global(seed: seed) : .none, lastBatch: dropLast ? .drop : .keep,
        rank: rank, world: worldSize)
      let augmentation = try Augmentation(
        horizontalFlip: flip, cropPadding: cropPadding, seed: seed)
      let options = LoaderOptions(
        order: order, layout: .nchw(batchSize: batchSize, shape: base.imageShape),
        normalization: try PixelScaling(normalization.choice, for: split.store),
        augmentation: augmentation.isActive ? augmentation : nil, threadCount: threads)
      try options.validate(for: base)
      let budget = cacheByteCount ?? CachedSource.automaticBudget(for: base)
      let source: any SampleSource =
        budget > 0 ? try CachedSource(base, byteBudget: budget) : base
      return (source, options)
    }
    batchesPerEpoch = options.order.stepsPerEpoch
    let names = columns ?? split.reader.columns.filter { $0.role == .label }.map(\.name)
    labels = try LabelColumns(split, names)
    try seek(epoch: epoch, position: position)
  }

  /// Goes to another place. Batches that were made ahead are dropped.
  ///
  /// - Throws: `ShardError` where there is no such place.
  public func seek(epoch: Int, position: Int = 0) throws(ShardError) {
    let lastEpoch = Int.max / batchesPerEpoch - 1
    guard (0...lastEpoch).contains(epoch), (0..<batchesPerEpoch).contains(position) else {
      throw ShardError(
        .invalidArgument,
        "there is no batch \(position) in epoch \(epoch): give an epoch from 0 and a position from "
          + "0 to \(batchesPerEpoch - 1)")
    }
    let step = epoch * batchesPerEpoch + position
    if step != self.step { stream = nil }
    self.step = step
  }

  /// The next batch, across epochs without end; waits for it.
  ///
  /// - Throws: `ShardError` for a sample that cannot be read. The next call begins anew at the same
  ///   place.
  public func next() throws(ShardError) -> ShardBatch {
    do {
      // The program around this has handlers of signals that it installs as it likes.
      MappedFile.keepGuard()
      let stream =
        try self.stream ?? BatchStream(source, options: options, steps: step..<Int.max)
      self.stream = stream
      guard let batch = try stream.next() else { preconditionFailure("a stream without end") }
      let position = batch.step % batchesPerEpoch
      step = batch.step + 1
      return ShardBatch(
        batch, position: position, labels: labels, isCopied: stream.heldCount > Self.lentCount)
    } catch {
      stream = nil
      throw ShardError(error)
    }
  }
}

/// The rest of the epoch. After a failure there is nothing more; a loop that was left early is gone
/// on with by the next one.
extension ShardLoader: Sequence {
  public func makeIterator() -> AnyIterator<Result<ShardBatch, ShardError>> {
    let epoch = epoch
    var hasFailed = false
    return AnyIterator {
      guard !hasFailed, self.epoch == epoch else { return nil }
      do throws(ShardError) {
        return .success(try self.next())
      } catch {
        hasFailed = true
        return .failure(error)
      }
    }
  }
}

extension ShardLoader.Normalization {
  /// Nil for none.
  fileprivate var choice: Experiment.Normalization? {
    switch self {
    case .imagenet: .imagenet
    case .dataset: .dataset
    case .values(let mean, let deviation):
      .values(ChannelStatistics(mean: mean, deviation: deviation))
    case .unit: nil
    }
  }
}
