import Threads

/// What a `BatchStream` delivers, and with how many threads.
package struct LoaderOptions: Sendable {
  package var order: SampleOrder
  /// The batch in memory; its batch size is that of the order.
  package var layout: BatchLayout
  /// Nil for batches of bytes, as they are stored, in the same layout.
  package var normalization: PixelScaling?
  /// Nil for pixels as they are stored.
  package var augmentation: Augmentation?
  /// Label columns to deliver, by their names in the store.
  package var labelColumns: [String]
  /// Worker threads, 1 to 256. The batches do not depend on it.
  package var threadCount: Int
  /// Batches in memory at a time, those held by the consumer included; at least 2.
  package var slotCount: Int

  /// - Parameters:
  ///   - threadCount: by default, one for each core.
  ///   - slotCount: by default, two more than threads.
  package init(
    order: SampleOrder, layout: BatchLayout, normalization: PixelScaling?,
    augmentation: Augmentation? = nil, labelColumns: [String] = [], threadCount: Int? = nil,
    slotCount: Int? = nil
  ) {
    self.order = order
    self.layout = layout
    self.normalization = normalization
    self.augmentation = augmentation
    self.labelColumns = labelColumns
    self.threadCount = threadCount ?? availableCoreCount()
    self.slotCount = slotCount ?? (self.threadCount + 2)
  }

  /// Bytes of a value in a batch.
  package var elementByteCount: Int { normalization == nil ? 1 : MemoryLayout<Float>.stride }

  /// Checks the options against each other and against a source.
  package func validate(for source: any SampleSource) throws(LoaderOptionError) {
    guard (1...256).contains(threadCount) else {
      throw LoaderOptionError("the loader must have 1 to 256 threads, got \(threadCount)")
    }
    guard (2...1024).contains(slotCount) else {
      throw LoaderOptionError("the loader must hold 2 to 1024 batches, got \(slotCount)")
    }
    guard order.sampleCount == source.sampleCount else {
      throw LoaderOptionError(
        "the order is one of \(order.sampleCount) samples, but the source has \(source.sampleCount)"
      )
    }
    guard layout.batchSize == order.batchSize, layout.shape == source.imageShape else {
      throw LoaderOptionError(
        "the layout is for batches of \(layout.batchSize) images of \(layout.shape), but the order "
          + "has \(order.batchSize) and the source \(source.imageShape)")
    }
    if let normalization, normalization.scale.count != layout.shape.channels {
      throw LoaderOptionError(
        "the images have \(layout.shape.channels) channels, but the normalization has "
          + "\(normalization.scale.count)")
    }
  }
}

/// A sample that could not be loaded: which, from where, and why.
package struct LoaderError: Error, CustomStringConvertible {
  package let sample: Int
  /// The shard file.
  package let location: String
  /// The batch in which it was to be.
  package let step: Int
  package let underlying: any Error

  package var description: String {
    let reason = "\(underlying)"
    // A store's own errors begin with the shard.
    let place = reason.contains(location) ? "" : "\(location): "
    return "cannot load sample \(sample) for step \(step): \(place)\(reason)"
  }
}
