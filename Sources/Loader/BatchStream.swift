import Synchronization
import Threads

/// Batches of a data set, made ready by worker threads while the consumer works.
///
/// ```swift
/// let stream = try BatchStream(source, options: options, steps: 0..<10 * order.stepsPerEpoch)
/// while let batch = try stream.next() {
///   train(batch.pixels, batch.labels(column: 0))
/// }
/// ```
///
/// The batches, their order and every value in them are functions of the options and of the step
/// alone. To resume a run, start `steps` where it stopped, also in the middle of an epoch. Memory
/// is `slotCount` batches and the label columns, whatever the size of the data set.
///
/// The threads end with the stream. Batches that are still held stay valid.
package final class BatchStream {
  package let options: LoaderOptions
  private let ring: BatchRing
  private let counters = LoaderCounters()
  private let threads: [NamedThread]
  private let start = ContinuousClock.now
  private var waited = Duration.zero
  private var deliveredSamples = 0
  private var deliveredBatches = 0
  private var isFinished = false

  /// Starts the workers.
  ///
  /// - Parameter steps: the batches to deliver, counted over all epochs.
  /// - Throws: `LoaderOptionError`, `MemoryError`, `ThreadError`, and what the source throws for a
  ///   label column.
  package init(
    _ source: any SampleSource, options: LoaderOptions, steps: Range<Int>
  ) throws {
    try options.validate(for: source)
    precondition(steps.lowerBound >= 0, "steps count from 0")
    let columns = try options.labelColumns.map { name in
      let values = try source.labels(column: name)
      guard values.count == source.sampleCount else {
        throw LoaderOptionError(
          "label column \(name) has \(values.count) values for \(source.sampleCount) samples")
      }
      return values
    }
    self.options = options
    let ring = try BatchRing(
      layout: options.layout, elementByteCount: options.elementByteCount,
      labelColumnCount: columns.count, slotCount: options.slotCount, steps: steps)
    self.ring = ring
    let counters = counters
    threads = try NamedThread.team(of: options.threadCount, name: "loader") { _ in
      BatchWorker(source, options, columns, counters).run(ring)
    }
  }

  deinit {
    ring.stop()
    for thread in threads { thread.join() }
  }

  /// Waits until `next` would not, and not longer than `duration`; whether it would not. For a
  /// consumer that has to look up now and then.
  package func waitForBatch(upTo duration: Duration) -> Bool {
    isFinished || ring.waitForBatch(upTo: duration)
  }

  /// Whether fewer than `slotCount` batches are held, so that `next` may be called.
  package var hasRoom: Bool { heldCount < options.slotCount }

  /// Batches that the consumer holds.
  package var heldCount: Int { ring.heldCount }

  /// Waits for the next batch; nil after the last.
  ///
  /// - Throws: `LoaderError` for a sample that a worker could not load. The stream ends with it.
  package func next() throws -> Batch? {
    guard !isFinished else { return nil }
    let before = ContinuousClock.now
    let taken = ring.take()
    waited += ContinuousClock.now - before
    guard let (step, ready) = taken else {
      isFinished = true
      return nil
    }
    let count = options.order.count(ofStep: step)
    let batch = Batch(
      step: step, epoch: options.order.epoch(ofStep: step), count: count, ring: ring,
      slot: ready.slot)
    if let error = ready.error {
      isFinished = true
      ring.stop()
      throw error
    }
    deliveredSamples += count
    deliveredBatches += 1
    return batch
  }

  /// What was delivered since the stream was made.
  package var statistics: LoaderStatistics {
    LoaderStatistics(
      sampleCount: deliveredSamples, batchCount: deliveredBatches,
      pixelByteCount: deliveredSamples * options.layout.shape.elementCount,
      storedByteCount: counters.storedBytes.load(ordering: .relaxed),
      seconds: (ContinuousClock.now - start) / .seconds(1), waitSeconds: waited / .seconds(1))
  }
}

/// What a stream delivered, and what it cost its consumer.
package struct LoaderStatistics: Equatable, Sendable {
  package let sampleCount: Int
  package let batchCount: Int
  /// Decoded uint8 pixels of the samples delivered.
  package let pixelByteCount: Int
  /// Stored bytes that workers read, those of batches not delivered yet included.
  package let storedByteCount: Int
  /// Since the stream was made.
  package let seconds: Double
  /// Time that the consumer spent in `next`.
  package let waitSeconds: Double

  package var samplesPerSecond: Double { seconds > 0 ? Double(sampleCount) / seconds : 0 }

  /// The figures since an earlier reading of the same stream, such as the start of an epoch.
  package static func - (later: Self, earlier: Self) -> Self {
    Self(
      sampleCount: later.sampleCount - earlier.sampleCount,
      batchCount: later.batchCount - earlier.batchCount,
      pixelByteCount: later.pixelByteCount - earlier.pixelByteCount,
      storedByteCount: later.storedByteCount - earlier.storedByteCount,
      seconds: later.seconds - earlier.seconds,
      waitSeconds: later.waitSeconds - earlier.waitSeconds)
  }
}

/// Counters that workers add to.
final class LoaderCounters: Sendable {
  let storedBytes = Atomic<Int>(0)
}
