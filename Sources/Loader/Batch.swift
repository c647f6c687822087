/// One batch of a `BatchStream`: pixels, labels and sample numbers, in memory that is reused.
///
/// The memory belongs to the value: it goes back to the workers when the value is gone. Pointers
/// taken from it must not outlive it.
package struct Batch: ~Copyable {
  /// Which batch this is, counted over all epochs from the start of the run.
  package let step: Int
  package let epoch: Int
  /// Samples in it. Places from `count` to the batch size hold zeros.
  package let count: Int
  private let ring: BatchRing
  private let slot: Int

  init(step: Int, epoch: Int, count: Int, ring: BatchRing, slot: Int) {
    self.step = step
    self.epoch = epoch
    self.count = count
    self.ring = ring
    self.slot = slot
  }

  deinit { ring.release(slot: slot) }

  package var layout: BatchLayout { ring.layout }

  /// All floats of the batch in its layout, aligned to 64 bytes.
  package var pixels: UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: ring.slots[slot].pixels, count: ring.layout.elementCount)
  }

  /// `count` labels of one column; NaN where one is missing.
  ///
  /// - Parameter column: the column's place in `LoaderOptions.labelColumns`.
  package func labels(column: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(
      start: ring.slots[slot].labels + column * ring.layout.batchSize, count: count)
  }

  /// The numbers of the `count` samples in the store.
  package var samples: UnsafeBufferPointer<Int> {
    UnsafeBufferPointer(start: ring.slots[slot].samples, count: count)
  }
}
