import FaceDataset
import ShardStore
import Spooling
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
    /// Why a list could not be read.
    var failure: (any Error)?
  }

  private let batchCount: Int
  private let state = Monitor(State())
  private var threads: [NamedThread] = []

  /// How many samples a batch has: enough to make handing over cheap, few enough to stay small.
  static func samplesPerBatch(_ layout: ImageLayout) -> Int {
    max(1, min(32, (1 << 18) / layout.sampleByteCount))
  }

  /// - Parameters:
  ///   - samples: their places in `files`, in the order of the results.
  ///   - start: the first sample that is encoded.
  ///   - root: the folder that the files' paths are relative to.
  init(
    samples: SpooledList<SplitSample>, from start: Int, files: FileList, root: String,
    layout: ImageLayout, threads: Int
  ) {
    let perBatch = Self.samplesPerBatch(layout)
    let batchCount = (samples.count - start + perBatch - 1) / perBatch
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
            let first = start + taken * perBatch
            var batch = EncodedBatch()
            // All at once, or growing would copy and map memory again and again.
            batch.bytes.reserveCapacity(perBatch * layout.sampleByteCount)
            do {
              let range = first..<min(first + perBatch, samples.count)
              for sample in try samples.withElements(in: range, Array.init) {
                let path = try files.withPath(at: Int(sample.file)) { prefix + $0 }
                maker.append(path, to: &batch)
              }
              state.update { $0.finished[taken] = batch }
            } catch {
              state.update {
                $0.failure = error
                $0.isCancelled = true
              }
            }
          }
        })
    }
  }

  deinit {
    state.update { $0.isCancelled = true }
    for thread in threads { thread.join() }
  }

  /// The next batch, in order; nil after the last.
  ///
  /// - Throws: `SpoolError` where a worker could not read the lists.
  func next() throws -> EncodedBatch? {
    try state.wait(
      until: { [batchCount] in
        $0.failure != nil || $0.nextHanded == batchCount || $0.finished[$0.nextHanded] != nil
      },
      then: { state in
        if let failure = state.failure { throw failure }
        guard let batch = state.finished.removeValue(forKey: state.nextHanded) else { return nil }
        state.nextHanded += 1
        return batch
      })
  }
}
