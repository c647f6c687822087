import Experiment
import Terminal

/// What the progress line of a run says.
package struct TrainingLine {
  /// Counted from 1.
  package var epoch: Int
  package var epochs: Int
  package var step: Int
  package var steps: Int
  package var imagesPerSecond: Double
  /// Share of the time that was spent waiting for batches.
  package var dataWait: Double
  /// By task: its name and recent loss.
  package var losses: [(task: String, loss: Double)]
  /// The recent sum of the weighed losses.
  package var total: Double
  package var secondsLeft: Double?

  package init(
    epoch: Int, epochs: Int, step: Int, steps: Int, imagesPerSecond: Double, dataWait: Double,
    losses: [(task: String, loss: Double)], total: Double, secondsLeft: Double?
  ) {
    self.epoch = epoch
    self.epochs = epochs
    self.step = step
    self.steps = steps
    self.imagesPerSecond = imagesPerSecond
    self.dataWait = dataWait
    self.losses = losses
    self.total = total
    self.secondsLeft = secondsLeft
  }

  package var fitted: FittedLine {
    let share = steps > 0 ? Double(step) / Double(steps) : 0
    let percentage = percent(share, decimals: 0).leftPadded(to: 5)
    let place = "\("\(epoch)".leftPadded(to: "\(epochs)".count))/\(epochs)"
    let count = grouped(step).leftPadded(to: grouped(steps).count)
    let rate = rateText(imagesPerSecond)
    let wait = percent(dataWait, decimals: 0)
    let left = secondsLeft.map { clockText(seconds: $0) }
    return FittedLine(
      parts: [
        ["epoch \(place)", place],
        [
          bar(share, width: 16).padded(to: 16) + percentage,
          bar(share, width: 8).padded(to: 8) + percentage, percentage, "",
        ],
        ["step \(count)/\(grouped(steps))", "step \(grouped(step))", grouped(step)],
        ["\(rate) images/s", "\(rate)/s"],
        [
          losses.map { "\($0.task) \(lossText($0.loss, 3))" }.joined(separator: "  "),
          losses.map { "\($0.task) \(lossText($0.loss, 2))" }.joined(separator: " "),
          "loss \(lossText(total, 2))",
        ],
        ["data wait \(percent(dataWait))", "wait \(wait)"],
        [left.map { "ETA \($0)" } ?? "", left ?? ""],
      ],
      // Last of all, many tasks make way for their sum.
      shortening: [1, 4, 5, 2, 3, 1, 1, 0, 6, 2, 4])
  }

  /// A loss with as many digits as tell something: 123.4, 29.43, 0.702.
  private func lossText(_ loss: Double, _ decimals: Int) -> String {
    fixed(loss, abs(loss) >= 100 ? 0 : abs(loss) >= 10 ? decimals - 1 : decimals)
  }
}
