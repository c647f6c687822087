import Loader

/// A source of made-up images in memory, which can be told to fail at one sample.
struct MemorySource: SampleSource {
  struct Damage: Error, CustomStringConvertible {
    let description = "checksum mismatch"
  }

  let sampleCount: Int
  let imageShape: ImageShape
  var failingSample: Int?

  init(_ sampleCount: Int, _ imageShape: ImageShape, failingSample: Int? = nil) {
    self.sampleCount = sampleCount
    self.imageShape = imageShape
    self.failingSample = failingSample
  }

  /// The value of one pixel: different for neighbors, samples and channels.
  func pixel(_ sample: Int, _ channel: Int, _ row: Int, _ column: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: sample &* 41 ^ channel &* 85 &+ row &* 7 &+ column &* 3 &+ 1)
  }

  func labels(column: String) throws -> [Float] {
    let factor = column == "age" ? 1 : 3
    return (0..<sampleCount).map { Float($0 * factor % 256) }
  }

  func location(ofSample sample: Int) -> String { "train/image/c/\(sample / 4)/0/0/0" }

  func makeReader() -> any SampleReader { Reader(self) }

  final class Reader: SampleReader {
    private let source: MemorySource
    private(set) var storedByteCount = 0
    private let pointer: UnsafeMutablePointer<UInt8>

    init(_ source: MemorySource) {
      self.source = source
      pointer = .allocate(capacity: source.imageShape.elementCount)
    }

    deinit { pointer.deallocate() }

    func pixels(ofSample sample: Int) throws -> UnsafePointer<UInt8> {
      if sample == source.failingSample { throw Damage() }
      let shape = source.imageShape
      var index = 0
      for channel in 0..<shape.channels {
        for row in 0..<shape.height {
          for column in 0..<shape.width {
            pointer[index] = source.pixel(sample, channel, row, column)
            index += 1
          }
        }
      }
      storedByteCount += 10
      return UnsafePointer(pointer)
    }
  }
}

/// A batch copied out of its stream.
struct BatchCopy: Equatable {
  let step: Int
  let epoch: Int
  let pixels: [Float]
  let samples: [Int]
  let labels: [[Float]]

  init(_ batch: borrowing Batch, columns: Int) {
    step = batch.step
    epoch = batch.epoch
    pixels = Array(batch.pixels)
    samples = Array(batch.samples)
    labels = (0..<columns).map { Array(batch.labels(column: $0)) }
  }
}

/// All batches of a range of steps.
func collect(
  _ source: any SampleSource, _ options: LoaderOptions, steps: Range<Int>
) throws -> [BatchCopy] {
  let stream = try BatchStream(source, options: options, steps: steps)
  var copies: [BatchCopy] = []
  while let batch = try stream.next() {
    copies.append(BatchCopy(batch, columns: options.labelColumns.count))
  }
  return copies
}
