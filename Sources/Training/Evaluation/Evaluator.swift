import Experiment
import Loader
import Network
import Reports
import Store

/// Runs a model over a whole split, without changing it.
struct Evaluator {
  let data: TrainingData
  let settings: TrainSettings
  var rule = AnswerRule()
  var groupings: [Grouping] = []

  /// - Parameter progress: told how many samples are done, batch after batch.
  /// - Returns: the figures, and by task the outputs [samples][outputs] and the labels in the order
  ///   of the store.
  func run(
    _ model: HydraNet, on split: SplitReader, progress: (Int) throws -> Void = { _ in }
  ) throws -> (Evaluation, outputs: [[Float]], labels: [[Float]]) {
    let clock = ContinuousClock()
    let start = clock.now
    let tasks = settings.tasks
    let network = try AnsweringNetwork(model, tasks: tasks, rule: rule)
    var outputs = tasks.map { _ in [Float]() }
    var labels = outputs
    var losses = [Double](repeating: 0, count: tasks.count)
    var weights = losses
    var done = 0
    let stream = try data.evaluationStream(of: split, settings)
    while let batch = try stream.next() {
      guard let images = batch.pixels.baseAddress else { continue }
      try network.forward(images, count: batch.count)
      let batchLabels = data.labels(of: batch)
      let batchLosses = try model.losses(batchLabels)
      for task in tasks.indices {
        outputs[task].append(contentsOf: network.outputs(task: task))
        labels[task].append(contentsOf: batchLabels[task])
        losses[task] += Double(batchLosses[task]) * model.lossWeights[task]
        weights[task] += model.lossWeights[task]
      }
      done += batch.count
      try progress(done)
    }
    let evaluation = Evaluation(
      split: split.name, tasks: tasks, losses: zip(losses, weights).map { $0 / $1 },
      outputs: outputs, labels: labels,
      seconds: (clock.now - start) / .seconds(1), classNames: data.classNames,
      remarks: rule.remarks, groupings: groupings)
    return (evaluation, outputs, labels)
  }
}
