import Foundation

/// What one epoch was like: a line of `RUN/metrics.jsonl`.
package struct EpochRecord: Codable, Sendable, Equatable {
  /// Counted from 1.
  package var epoch: Int
  /// Optimizer steps since the start of the run.
  package var step: Int
  /// Of the epoch's last step.
  package var learningRate: Double
  /// Mean over the epoch: `loss`, and `NAME_loss` and `NAME_weight` of every task.
  package var train: [String: Double]
  /// After the epoch, over the whole validation split; see `Evaluation.figures`. Empty where the
  /// store has no such split.
  package var validation: [String: Double]
  /// Training images a second, without validation.
  package var imagesPerSecond: Double
  /// Share of the training time that was spent waiting for a batch.
  package var dataWait: Double
  /// Wall time of the epoch, with validation.
  package var seconds: Double

  package init(
    epoch: Int, step: Int, learningRate: Double, train: [String: Double],
    validation: [String: Double], imagesPerSecond: Double, dataWait: Double, seconds: Double
  ) {
    self.epoch = epoch
    self.step = step
    self.learningRate = learningRate
    self.train = train
    self.validation = validation
    self.imagesPerSecond = imagesPerSecond
    self.dataWait = dataWait
    self.seconds = seconds
  }

  /// The numbers that belong to no split, by their keys in the file.
  var others: [(String, Double)] {
    [
      ("learning_rate", learningRate), ("images_per_second", imagesPerSecond),
      ("data_wait", dataWait), ("seconds", seconds),
    ]
  }

  enum CodingKeys: String, CodingKey {
    case epoch, step, train, validation, seconds
    case learningRate = "learning_rate"
    case imagesPerSecond = "images_per_second"
    case dataWait = "data_wait"
  }

  /// The record as a line of JSON, without the line's end. Figures that are not finite are left
  /// out: JSON has no word for them.
  package func line() throws -> Data {
    var finite = self
    finite.train = train.filter(\.value.isFinite)
    finite.validation = validation.filter(\.value.isFinite)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(finite)
  }
}
