import Faces
import Files
import Photographs
import Store
import Threads

/// Worker threads that encode a list of files, and hand the results over in the list's order.
struct OrderedEncoder {
  private let workers: OrderedWorkers<EncodedBatch>

  /// How many samples a batch has: enough to make handing over cheap, few enough to stay small.
  static func samplesPerBatch(_ layout: ImageLayout) -> Int {
    max(1, min(32, (1 << 18) / layout.sampleByteCount))
  }

  /// - Parameters:
  ///   - samples: their places in `files`, in the order of the results.
  ///   - start: the first sample that is encoded.
  ///   - prefix: what stands in front of a path to open its file.
  /// - Throws: `ThreadError`.
  init(
    samples: SpooledList<SplitSample>, from start: Int, files: FileList, prefix: [UInt8],
    layout: ImageLayout, threads: Int
  ) throws {
    let perBatch = Self.samplesPerBatch(layout)
    let batchCount = (samples.count - start + perBatch - 1) / perBatch
    workers = try OrderedWorkers(count: batchCount, threads: threads, name: "encode") {
      let maker = SampleMaker(layout: layout)
      return { index in
        let first = start + index * perBatch
        var batch = EncodedBatch()
        // All at once, or growing would copy and map memory again and again.
        batch.bytes.reserveCapacity(perBatch * layout.sampleByteCount)
        let range = first..<min(first + perBatch, samples.count)
        for sample in try samples.withElements(in: range, Array.init) {
          let path = try files.withPath(at: Int(sample.file)) { prefix + $0 }
          maker.append(path, to: &batch)
        }
        return batch
      }
    }
  }

  /// The next batch, in order; nil after the last.
  ///
  /// - Throws: `FileError` where a worker could not read the lists.
  func next() throws -> EncodedBatch? { try workers.next() }
}
