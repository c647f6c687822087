import FaceDataset
import ShardStore
import WorkerThreads

/// Worker threads that encode a list of files, and hand the results over in the list's order,
/// whatever thread was faster.
///
/// At most a window of batches is under way or waiting, so that memory does not grow with the
/// list.
final class OrderedEncoder {
  private struct State {
    /// The next batch to be taken by a worker, and the next to be handed over.
    var nextTaken = 0
    var nextHanded = 0
    var finished: [Int: EncodedBatch] = [:]
    var isCancelled = false
  }

  private let batchCount: Int
  private let state = Monitor(State())
  private var threads: [NamedThread] = []

  /// How many samples a batch has: enough to make handing over cheap, few enough to stay small.
  static func samplesPerBatch(_ layout: ImageLayout) -> Int {
    max(1, min(32, (1 << 18) / layout.sampleByteCount))
  }

  /// - Parameters:
  ///   - order: places in `files`, in the order of the results.
  ///   - root: the folder that the files' paths are relative to.
  init(order: ArraySlice<UInt32>, files: FileList, root: String, layout: ImageLayout, threads: Int)
  {
    let perBatch = Self.samplesPerBatch(layout)
    let batchCount = (order.count + perBatch - 1) / perBatch
    self.batchCount = batchCount
    let window = 4 * threads
    let prefix = Array((root + "/").utf8)
    let state = state
    for number in 0..<threads {
      self.threads.append(
        NamedThread(name: "encode-\(number)") {
          let maker = SampleMaker(layout: layout)
          while true {
            let taken = state.wait(
              until: {
                $0.isCancelled || $0.nextTaken == batchCount
                  || $0.nextTaken < $0.nextHanded + window
              },
              then: { state -> Int? in
                guard !state.isCancelled, state.nextTaken < batchCount else { return nil }
                state.nextTaken += 1
                return state.nextTaken - 1
              })
            guard let taken else { return }
            let start = order.startIndex + taken * perBatch
            var batch = EncodedBatch()
            // All at once, or growing would copy and map memory again and again.
            batch.bytes.reserveCapacity(perBatch * layout.sampleByteCount)
            for place in order[start..<min(start + perBatch, order.endIndex)] {
              let path = files.withPath(at: Int(place)) { prefix + $0 }
              maker.append(path, to: &batch)
            }
            state.update { $0.finished[taken] = batch }
          }
        })
    }
  }

  deinit {
    state.update { $0.isCancelled = true }
    for thread in threads { thread.join() }
  }

  /// The next batch, in order; nil after the last.
  func next() -> EncodedBatch? {
    state.wait(
      until: { [batchCount] in $0.nextHanded == batchCount || $0.finished[$0.nextHanded] != nil },
      then: { state in
        guard let batch = state.finished.removeValue(forKey: state.nextHanded) else { return nil }
        state.nextHanded += 1
        return batch
      })
  }
}
