import Synchronization
import Tensors
import Threads

/// The reused buffers of a stream, and who may touch which.
///
/// A slot is free, being filled by a worker, ready, or held by the consumer. Steps are claimed in
/// order, each with a slot of its own, so the step that the consumer waits for always has one.
final class BatchRing: Sendable {
  /// The memory of one batch. What lies between the pixels is zero
  /// from the start and never written.
  struct Slot: @unchecked Sendable {
    // Written by the worker that claimed the slot, read by the consumer once it is ready: the
    // monitor orders the two.
    let pixels: UnsafeMutablePointer<Float>
    let labels: UnsafeMutablePointer<Float>
    let samples: UnsafeMutablePointer<Int>
  }

  struct Ready {
    let slot: Int
    let error: LoaderError?
  }

  private struct State {
    var free: [Int]
    var nextClaim: Int
    var nextDelivery: Int
    /// Filled batches by step modulo the slot count: no more steps than slots are under way.
    var ready: [Ready?]
    var heldCount = 0
    var isStopped = false
  }

  let layout: BatchLayout
  let slots: [Slot]
  private let pixels: AlignedBuffer
  let steps: Range<Int>
  private let state: Monitor<State>
  private let stopFlag = Atomic<Bool>(false)

  init(
    layout: BatchLayout, elementByteCount: Int = MemoryLayout<Float>.stride, labelColumnCount: Int,
    slotCount: Int, steps: Range<Int>
  ) throws {
    self.layout = layout
    self.steps = steps
    // One block for all slots, so that it is large enough for huge pages; each slot begins on a
    // cache line.
    let slotElements = (layout.elementCount * elementByteCount + 63) / 64 * 16
    let pixels = try AlignedBuffer(count: slotElements * slotCount)
    self.pixels = pixels
    slots = (0..<slotCount).map { index in
      let labels = UnsafeMutablePointer<Float>.allocate(
        capacity: max(1, labelColumnCount * layout.batchSize))
      labels.initialize(repeating: 0, count: max(1, labelColumnCount * layout.batchSize))
      let samples = UnsafeMutablePointer<Int>.allocate(capacity: layout.batchSize)
      samples.initialize(repeating: 0, count: layout.batchSize)
      return Slot(
        pixels: pixels.pointer + index * slotElements, labels: labels, samples: samples)
    }
    state = Monitor(
      State(
        free: Array(0..<slotCount), nextClaim: steps.lowerBound, nextDelivery: steps.lowerBound,
        ready: Array(repeating: nil, count: slotCount)))
  }

  deinit {
    for slot in slots {
      slot.labels.deallocate()
      slot.samples.deallocate()
    }
  }

  /// Whether a worker should leave its batch unfinished.
  var isStopped: Bool { stopFlag.load(ordering: .relaxed) }

  // MARK: - Workers

  /// The next step with a slot to fill, or nil when there is nothing more to do.
  func claim() -> (step: Int, slot: Int)? {
    state.wait(
      until: { $0.isStopped || $0.nextClaim >= steps.upperBound || !$0.free.isEmpty },
      // Workers wait for slots and the consumer for batches: a claim makes neither. Those that
      // still wait when the last step is claimed learn it from the next slot that becomes free.
      waking: false,
      then: { state in
        guard !state.isStopped, state.nextClaim < steps.upperBound, let slot = state.free.popLast()
        else { return nil }
        defer { state.nextClaim += 1 }
        return (state.nextClaim, slot)
      })
  }

  /// Hands a filled slot, or the error that kept it from being filled, to the consumer.
  func publish(step: Int, _ ready: Ready) {
    state.update { $0.ready[step % slots.count] = ready }
  }

  // MARK: - Consumer

  /// Waits until `take` would not, and not longer than `duration`; whether it would not.
  func waitForBatch(upTo duration: Duration) -> Bool {
    state.wait(upTo: duration) { state in
      state.isStopped || state.nextDelivery >= steps.upperBound
        || state.ready[state.nextDelivery % slots.count] != nil
    }
  }

  /// Batches that the consumer holds. It may not take another while these are all.
  var heldCount: Int { state.read { $0.heldCount } }

  /// Waits for the next batch in order, or nil after the last.
  func take() -> (step: Int, ready: Ready)? {
    precondition(
      heldCount < slots.count,
      "a consumer that holds every batch of a stream cannot get another: let one go first")
    return state.wait(
      until: { state in
        state.isStopped || state.nextDelivery >= steps.upperBound
          || state.ready[state.nextDelivery % slots.count] != nil
      },
      waking: false,
      then: { state in
        let step = state.nextDelivery
        guard !state.isStopped, step < steps.upperBound,
          let ready = state.ready[step % slots.count]
        else { return nil }
        state.ready[step % slots.count] = nil
        state.nextDelivery += 1
        state.heldCount += 1
        return (step, ready)
      })
  }

  /// Gives a slot back to the workers.
  func release(slot: Int) {
    state.update {
      $0.free.append(slot)
      $0.heldCount -= 1
    }
  }

  /// Wakes everyone; workers end after the sample in hand.
  func stop() {
    stopFlag.store(true, ordering: .relaxed)
    state.update { $0.isStopped = true }
  }
}
