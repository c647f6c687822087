/// One epoch of a run, as a line of `RUN/metrics.jsonl` has it.
package struct RunEpoch: Codable, Equatable, Sendable {
  /// Counted from 1.
  package var epoch: Int
  /// Optimiser steps since the start of the run.
  package var step: Int?
  /// Means over the epoch's batches: `loss`, and `TASK_loss` and others of every task.
  package var train: [String: Double]
  /// Over the whole validation split after the epoch: `loss`, `age_mae`, `gender_accuracy`, ….
  package var validation: [String: Double]
  /// Training images a second.
  package var imagesPerSecond: Double?
  /// Share of the training time spent waiting for data, 0 to 1.
  package var dataWait: Double?
  /// Wall time of the epoch.
  package var seconds: Double?
  package var learningRate: Double?

  package init(
    epoch: Int, step: Int? = nil, train: [String: Double] = [:],
    validation: [String: Double] = [:], imagesPerSecond: Double? = nil, dataWait: Double? = nil,
    seconds: Double? = nil, learningRate: Double? = nil
  ) {
    self.epoch = epoch
    self.step = step
    self.train = train
    self.validation = validation
    self.imagesPerSecond = imagesPerSecond
    self.dataWait = dataWait
    self.seconds = seconds
    self.learningRate = learningRate
  }

  /// The numbers that have no split, by their keys in the file.
  var others: [(String, Double?)] {
    [
      ("learning_rate", learningRate), ("images_per_second", imagesPerSecond),
      ("data_wait", dataWait), ("seconds", seconds),
    ]
  }
}
