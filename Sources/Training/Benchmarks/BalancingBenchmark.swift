import Experiment
import Foundation
import Loader
import Terminal

/// What each way of balancing the tasks adds to a training step.
///
/// A step of the method and one of the plain sum are taken in turn on the same batch, and the figure
/// is the median of the ratios of neighbors: what else the machine does meets both alike. The sum
/// against itself shows how far such a figure can be trusted.
package struct BalancingBenchmark: Encodable, Sendable {
  /// By method, time of a step over that of the plain sum, less one; 0.02 is two percent more.
  package var overhead: [String: Double] = [:]

  /// Measures for about `seconds` a method.
  package static func run(_ settings: TrainSettings, seconds: Double) throws -> Self {
    var result = Self()
    for method in BalanceSettings.Method.allCases {
      let plain = try BenchmarkRun(settings, .sum)
      let balanced = try BenchmarkRun(settings, method)
      let stream = try plain.run.data.trainingStream(plain.run.settings, steps: 0..<1)
      guard let batch = try stream.next() else { return result }
      for _ in 0..<3 {
        _ = try plain.seconds(on: batch)
        _ = try balanced.seconds(on: batch)
      }
      let line = TimedProgress("balance \(method.rawValue)", seconds: seconds, unit: "pairs")
      defer { line.finish() }
      var ratios: [Double] = []
      let start = ContinuousClock.now
      repeat {
        // Who goes first alternates too, as the second finds the batch in cache.
        if ratios.count % 2 == 0 {
          let reference = try plain.seconds(on: batch)
          ratios.append(try balanced.seconds(on: batch) / reference)
        } else {
          let time = try balanced.seconds(on: batch)
          ratios.append(time / (try plain.seconds(on: batch)))
        }
        line.add(1)
      } while (ContinuousClock.now - start) / .seconds(1) < seconds
      result.overhead[method.rawValue] = ratios.sorted()[ratios.count / 2] - 1
    }
    return result
  }

  /// A run whose files go into a temporary folder and vanish with it.
  private final class BenchmarkRun {
    let run: TrainingRun

    init(_ settings: TrainSettings, _ method: BalanceSettings.Method) throws {
      var settings = settings
      settings.balance.method = method
      settings.epochs = 1000
      // Hundreds of steps on one batch must not lead to losses that are NaN.
      settings.optimizer.lr = 1e-6
      run = try TrainingRun.temporary(settings)
    }

    deinit { run.removeFiles() }

    func seconds(on batch: borrowing Batch) throws -> Double {
      let start = ContinuousClock.now
      _ = try run.train(on: batch)
      return (ContinuousClock.now - start) / .seconds(1)
    }
  }
}

extension TrainingRun {
  /// A run for measurements, with a folder of its own among the temporary files.
  static func temporary(_ settings: TrainSettings) throws -> TrainingRun {
    var settings = settings
    settings.checkpointEvery = nil
    settings.output =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("hydra-train-bench-\(UUID().uuidString)").path
    return try TrainingRun(settings, start: .new(overwrite: true), quiet: true)
  }

  func removeFiles() { try? FileManager.default.removeItem(atPath: folder.path) }
}
