import Foundation
import Terminal

extension TrainingBenchmark {
  /// One object, keys in alphabetical order.
  package func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// A few lines for a person; tables go on below where they are wider than the columns.
  package func lines(columns: Int = .max) -> [String] {
    var lines = ["batch \(batchSize), \(imageSize)×\(imageSize), \(threads) threads"]
    if let loader {
      lines.append(
        "loader  \(rateText(loader.samplesPerSecond)) samples/s, "
          + "\(byteText(Int(loader.pixelBytesPerSecond)))/s of pixels, \(loader.threadCount) threads"
      )
    }
    if let step {
      lines.append(
        "step    \(rateText(step.imagesPerSecond)) images/s, \(fixed(step.gflops, 1)) GFLOP/s, "
          + "\(percent(step.shareOfPeak)) of the GEMM peak of \(fixed(step.gemmPeak, 1))")
      lines.append(
        "          as direct convolutions it would be \(fixed(step.directGflops, 1)) GFLOP/s")
      lines.append("          products by \(step.products)")
      for (name, milliseconds) in step.phases.sorted(by: { $0.value > $1.value }) {
        lines.append("          \(name): \(fixed(milliseconds, 2)) ms")
      }
    }
    if let epoch {
      lines.append(
        "epoch   \(rateText(epoch.imagesPerSecond)) images/s, data wait \(percent(epoch.dataWait))")
    }
    if let balancing {
      lines.append("time of a step compared with that of the plain sum:")
      for (method, overhead) in balancing.overhead.sorted(by: { $0.value < $1.value }) {
        lines.append("          \(method): \(overhead < 0 ? "" : "+")\(percent(overhead))")
      }
    }
    lines += layers?.lines(columns: columns) ?? []
    lines += plan?.lines(columns: columns) ?? []
    return lines
  }
}
