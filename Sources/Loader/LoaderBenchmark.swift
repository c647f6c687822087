/// The speed of a loader whose consumer does nothing.
package struct LoaderBenchmark: Codable, Equatable, Sendable {
  package let samplesPerSecond: Double
  /// Decoded uint8 pixels, bytes per second.
  package let pixelBytesPerSecond: Double
  /// Floats written, bytes per second.
  package let batchBytesPerSecond: Double
  /// Samples that the figures are about.
  package let sampleCount: Int
  package let seconds: Double
  package let threadCount: Int

  enum CodingKeys: String, CodingKey {
    case samplesPerSecond = "samples_per_second"
    case pixelBytesPerSecond = "pixel_bytes_per_second"
    case batchBytesPerSecond = "batch_bytes_per_second"
    case sampleCount = "samples"
    case seconds
    case threadCount = "threads"
  }

  /// Runs whole epochs, after one that is not counted (it reads the files and fills a cache), until
  /// at least `seconds` have passed.
  ///
  /// - Parameter progress: told of the samples of every batch that counts.
  /// - Throws: what `BatchStream` throws.
  package static func run(
    _ source: any SampleSource, options: LoaderOptions, seconds: Double,
    progress: (Int) -> Void = { _ in }
  ) throws -> LoaderBenchmark {
    let epochSteps = options.order.stepsPerEpoch
    let stream = try BatchStream(source, options: options, steps: 0..<Int.max)
    // Batches made ahead during the warm-up are not counted either: their number is that of the
    // slots, and as many are in flight at the end.
    for _ in 0..<epochSteps { _ = try consume(stream) }
    let start = stream.statistics
    var figures = start - start
    repeat {
      for _ in 0..<epochSteps { progress(try consume(stream)) }
      figures = stream.statistics - start
    } while figures.seconds < seconds
    let rate = figures.samplesPerSecond
    let elements = Double(options.layout.shape.elementCount)
    return LoaderBenchmark(
      samplesPerSecond: rate, pixelBytesPerSecond: rate * elements,
      batchBytesPerSecond: rate * elements * Double(MemoryLayout<Float>.stride),
      sampleCount: figures.sampleCount, seconds: figures.seconds, threadCount: options.threadCount)
  }

  /// - Returns: how many samples the batch had.
  private static func consume(_ stream: BatchStream) throws -> Int {
    try stream.next()?.count ?? 0
  }
}
