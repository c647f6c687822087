import Synchronization

/// The work of one loader thread: claims steps and fills their batches.
final class BatchWorker {
  private let source: any SampleSource
  private let options: LoaderOptions
  private let columns: [[Float]]
  private let counters: LoaderCounters
  private let reader: any SampleReader
  private let writer: any BatchWriter
  private var countedBytes = 0

  /// Batches that are larger together will not stay in the cores' share of the last cache.
  private static let cachedByteCount = 16 << 20

  init(
    _ source: any SampleSource, _ options: LoaderOptions, _ columns: [[Float]],
    _ counters: LoaderCounters
  ) {
    self.source = source
    self.options = options
    self.columns = columns
    self.counters = counters
    reader = source.makeReader()
    let ringByteCount = 4 * options.layout.elementCount * options.slotCount
    if let normalization = options.normalization {
      writer = SampleWriter(
        layout: options.layout, normalization: normalization,
        streaming: ringByteCount > Self.cachedByteCount)
    } else {
      writer = ByteWriter(layout: options.layout)
    }
  }

  /// Works until the last step is claimed or the ring is stopped.
  func run(_ ring: BatchRing) {
    while let (step, slot) = ring.claim() {
      let error = fill(ring.slots[slot], step: step, ring)
      counters.storedBytes.add(reader.storedByteCount - countedBytes, ordering: .relaxed)
      countedBytes = reader.storedByteCount
      ring.publish(step: step, .init(slot: slot, error: error))
    }
  }

  private func fill(_ slot: BatchRing.Slot, step: Int, _ ring: BatchRing) -> LoaderError? {
    let batchSize = options.order.batchSize
    let epoch = options.order.epoch(ofStep: step)
    let count = options.order.count(ofStep: step)
    options.order.fill(.init(start: slot.samples, count: batchSize), step: step)
    writer.begin(slot.pixels)
    for index in 0..<count {
      guard !ring.isStopped else { return nil }
      let sample = slot.samples[index]
      if index + 1 < count { reader.prefetch(sample: slot.samples[index + 1]) }
      let placement =
        options.augmentation?.placement(epoch: epoch, sample: sample)
        ?? .identity
      do {
        let pixels = try reader.pixels(ofSample: sample)
        writer.write(pixels, placement: placement)
      } catch {
        return LoaderError(
          sample: sample, location: source.location(ofSample: sample), step: step,
          underlying: error)
      }
    }
    writer.finish()
    for (column, values) in columns.enumerated() {
      let target = slot.labels + column * batchSize
      for index in 0..<count { target[index] = values[slot.samples[index]] }
    }
    return nil
  }
}
