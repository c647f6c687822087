import Loader

/// Some samples of a split: images, labels, and which they are.
///
/// The memory of the images goes back to the loader when the batch is gone; it stays as it is until
/// then, also when the loader is gone.
public final class ShardBatch: @unchecked Sendable {
  // Sendable: nothing is written once it is made, and the loader's ring locks what is given back.
  public let epoch: Int
  /// Which batch of its epoch this is, from 0.
  public let position: Int
  /// The numbers of the samples in their split.
  public let indexes: [Int]
  /// Samples in it.
  public var count: Int { indexes.count }
  private let labels: LabelColumns
  private let images: UnsafeBufferPointer<Float>
  /// What `images` is a part of; nil where they are a copy of this batch's own.
  private let lent: Batch?
  private let isCopied: Bool

  init(_ batch: consuming Batch, position: Int, labels: LabelColumns, isCopied: Bool) {
    epoch = batch.epoch
    self.position = position
    self.labels = labels
    self.isCopied = isCopied
    indexes = Array(batch.samples)
    let values = batch.pixels[..<(batch.count * batch.layout.shape.elementCount)]
    if isCopied {
      let copy = UnsafeMutableBufferPointer<Float>.allocate(capacity: values.count)
      _ = copy.initialize(fromContentsOf: values)
      images = UnsafeBufferPointer(copy)
      lent = nil
    } else {
      images = UnsafeBufferPointer(rebasing: values)
      lent = consume batch
    }
  }

  deinit {
    if isCopied { images.deallocate() }
  }

  /// Lends the images to `body`: float32 [count][3][size][size], normalized, planes of R, G and B.
  public func withImages<Value, Failure: Error>(
    _ body: (Span<Float>) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    // SAFETY: the memory is there as long as `self`.
    defer { withExtendedLifetime(self) {} }
    let images = images
    return try body(images.span)
  }

  /// The labels of one column: `width` values for each sample. Nil where a value is not known.
  ///
  /// - Throws: `ShardError` where the loader was not made with that column.
  public func labels(_ column: String) throws(ShardError) -> [Double?] {
    try labels.values(column, of: indexes)
  }
}

/// The columns that the batches of a loader have, whole.
struct LabelColumns: Sendable {
  private let names: [String]
  private let columns: [String: [Double?]]
  private let sampleCount: Int

  init(_ split: ShardStore.Split, _ names: [String]) throws(ShardError) {
    self.names = names
    sampleCount = split.sampleCount
    var columns: [String: [Double?]] = [:]
    for name in names { columns[name] = try split.labels(name) }
    self.columns = columns
  }

  func values(_ column: String, of samples: [Int]) throws(ShardError) -> [Double?] {
    guard let values = columns[column] else {
      throw ShardError(
        .invalidArgument,
        "the batches have no column \"\(column)\", only \(names.joined(separator: ", ")): name it "
          + "in the loader's columns")
    }
    let width = values.count / sampleCount
    if width == 1 { return samples.map { values[$0] } }
    return samples.flatMap { values[$0 * width..<($0 + 1) * width] }
  }
}
