import Experiment
import Loader
import Network

/// The batches whose gradients make one optimizer step.
///
/// A loss is a weighted mean, and the step's is the mean over all samples of the group, however they
/// are dealt to batches. A batch's part in it is its share of the sum of the samples' weights, which
/// the labels tell before any of its images is seen.
struct BatchGroup {
  let batchCount: Int
  /// By task, the sum of the samples' weights; empty for a single batch.
  private let weights: [Double]
  /// By task, the mean loss over the batches so far; NaN without a label.
  private(set) var losses: [Float] = []
  /// By task, what `HydraNet.lastLayerGradientNorms(shares:addingTo:)` adds up.
  var gradientSums: [[Float]] = []

  init() {
    batchCount = 0
    weights = []
  }

  /// - Parameters:
  ///   - steps: the batches of the group, counted since the start of the run.
  ///   - labels: by task, those of the training split; only asked for where there are several batches.
  init(
    _ steps: Range<Int>, order: SampleOrder, labels: [[Float]], tasks: [TaskSettings]
  ) {
    batchCount = steps.count
    guard steps.count > 1 else {
      weights = []
      return
    }
    let samples = steps.flatMap { order.samples(ofStep: $0) }
    weights = zip(labels, tasks).map { labels, task in
      samples.reduce(0.0) { $0 + Double(task.sampleWeight(of: labels[$1])) }
    }
  }

  /// Takes in a batch.
  ///
  /// - Parameters:
  ///   - batchLosses: by task, the mean loss; NaN where no sample has the task's label.
  ///   - batchWeights: by task, the sum of the samples' weights.
  /// - Returns: by task, the part that the batch's mean has in the group's; 1 for a single batch.
  mutating func add(_ batchLosses: [Float], weights batchWeights: [Double]) -> [Float] {
    guard batchCount > 1 else {
      losses = batchLosses
      return batchLosses.map { _ in 1 }
    }
    if losses.isEmpty { losses = batchLosses.map { _ in .nan } }
    let shares = zip(batchWeights, weights).map { $1 > 0 ? Float($0 / $1) : 0 }
    for task in losses.indices where !batchLosses[task].isNaN {
      let before = losses[task].isNaN ? 0 : losses[task]
      losses[task] = before + shares[task] * batchLosses[task]
    }
    return shares
  }
}
