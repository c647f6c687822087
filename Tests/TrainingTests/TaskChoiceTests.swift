import Experiment
import Foundation
import Reports
import Testing
import Training
import WeightFiles

/// The combined score, the best epoch of every task, and heads that are stopped: the arithmetic.
@Suite struct TaskChoiceTests {
  private func record(_ epoch: Int, _ figures: [String: Double]) -> EpochRecord {
    EpochRecord(
      epoch: epoch, step: epoch, learningRate: 0, train: [:], validation: figures,
      imagesPerSecond: 0, dataWait: 0, seconds: 0)
  }

  /// By hand: ages 10, 20, 60 have the median 20 and so an error of 50/3; of four genders three are
  /// 1, so a constant is wrong in a quarter; races are all known to be 2, so they do not count.
  @Test func theScoreByHand() {
    var tasks = TaskSettings.article
    let labels: [[Float]] = [[10, 60, .nan, 20], [1, 1, 0, 1], [2, 2, .nan, 2]]
    let figures = ["age_mae": 10.0, "gender_accuracy": 0.9, "race_accuracy": 0.5]
    let age = 1 - 10 / (50.0 / 3)
    let gender = 1 - 0.1 / 0.25
    let score = CombinedScore(tasks, labels: labels)
    #expect(close(score.value(of: figures), (age + gender) / 2))
    #expect(close(score.value(of: ["age_mae": 0, "gender_accuracy": 1]), 1))
    #expect(close(score.value(of: ["age_mae": 50 / 3.0, "gender_accuracy": 0.75]), 0))
    #expect(score.value(of: ["age_mae": 1]).isNaN)
    // A loss without weight does not count; nor do labels that are not there.
    tasks[0].weight = 0
    #expect(close(CombinedScore(tasks, labels: labels).value(of: figures), gender))
    let none: [[Float]] = [[.nan], [.nan], [.nan]]
    #expect(CombinedScore(tasks, labels: none).value(of: figures).isNaN)
  }

  @Test func theScoreIsBetterWhenHigher() {
    #expect(FigureName("score").direction == .higherIsBetter)
    #expect(FigureName("score_mae").task == "score" && FigureName("score_mae").metric == "mae")
    let metric = BestMetric("score", hasValidation: true)
    let records = [0.25, 0.5, -1].enumerated().map { record($0 + 1, ["score": $1]) }
    #expect(metric.best(of: records)?.epoch == 2)
    #expect(metric.explanation.contains("mean of 1 - error"))
  }

  /// Errors fall and accuracies rise; of equals the first is best; what is missing says nothing.
  @Test(arguments: [
    (0, [9, 7, 7, .nan, 8, 6.5], [true, true, false, false, false, true]),
    (1, [.nan, 0.5, 0.5, 0.75, 0.25, 0.75], [false, true, false, true, false, false]),
  ])
  func aTasksBestIsOfItsFigure(_ task: Int, _ values: [Double], _ expected: [Bool]) {
    let task = TaskSettings.article[task]
    var choice = TaskChoice(task)
    let found = values.enumerated().map { index, value in
      choice.add(record(index + 1, value.isNaN ? [:] : [task.mainFigure: value]))
    }
    #expect(found == expected)
  }

  @Test func aHeadIsStoppedAfterItsPatience() {
    var choice = TaskChoice(TaskSettings.article[0])
    // Without a figure there is nothing to be patient about.
    for epoch in 1...4 {
      _ = choice.add(record(epoch, [:]))
      let isStopped = choice.stop(after: epoch, patience: 2)
      #expect(!isStopped)
    }
    for (epoch, mae) in [(5, 9.0), (6, 9.5), (7, 8.0), (8, 8.5)] {
      _ = choice.add(record(epoch, ["age_mae": mae]))
      let isStopped = choice.stop(after: epoch, patience: 2)
      #expect(!isStopped, "epoch \(epoch)")
    }
    _ = choice.add(record(9, ["age_mae": 8]))
    let isStopped = choice.stop(after: 9, patience: 2)
    #expect(isStopped && choice.stoppedAfter == 9)
    // Once.
    let isStoppedAgain = choice.stop(after: 10, patience: 2)
    #expect(!isStoppedAgain && choice.stoppedAfter == 9)
    #expect(choice.best.entries.first?.epoch == 7)
  }

  @Test func choicesComeBackToTheBit() throws {
    var choice = TaskChoice(TaskSettings.article[1])
    _ = choice.add(record(1, ["gender_accuracy": 1.0 / 3]))
    _ = choice.stop(after: 3, patience: 2)
    var progress = TrainingProgress(
      sums: EpochSums(taskCount: 1), balancing: .init(), best: choice.best)
    #expect(
      !String(decoding: try JSONEncoder().encode(progress), as: UTF8.self).contains("tasks"))
    progress.tasks = [choice]
    let data = try JSONEncoder().encode(progress)
    #expect(try JSONDecoder().decode(TrainingProgress.self, from: data) == progress)
  }

  @Test func epochsNameTheTasksThatTheyAreBestOf() {
    let lines = EpochLines(
      tasks: TaskSettings.article, epochs: 9, hasValidation: true, hasScore: true)
    let record = record(
      3,
      [
        "loss": 31.5, "age_mae": 6.522, "gender_accuracy": 0.881, "race_accuracy": 0.75,
        "score": 0.61234,
      ])
    #expect(
      [lines.header, lines.row(record, isBest: true, bestOf: ["age", "race"])] == [
        "epoch   train   valid  age MAE  gender    race    score  images/s   wait  time",
        "  3/9       –  31.500     6.52  88.1 %  75.0 %   0.6123      0.00  0.0 %  0:00 * best age, race",
      ])
    #expect(lines.row(record, isBest: false, bestOf: ["age"]).hasSuffix("0:00 best age"))
  }

  // MARK: balancing

  static let losses: [Float] = [14, 0.69, 1.6]

  private func balancer(
    _ method: BalanceSettings.Method, _ tasks: [TaskSettings] = TaskSettings.article
  ) -> TaskBalancer {
    var settings = BalanceSettings()
    settings.method = method
    return TaskBalancer(settings, tasks: tasks, seed: 3)
  }

  /// A method weighs the tasks that are left as if the other one had never been there.
  @Test(arguments: BalanceSettings.Method.allCases, 0..<3)
  func aMethodForgetsAStoppedTask(_ method: BalanceSettings.Method, _ task: Int) throws {
    let left = [0, 1, 2].filter { $0 != task }
    var stopped = balancer(method)
    stopped.stop(task)
    var other = balancer(method, left.map { TaskSettings.article[$0] })
    for step in 0..<5 {
      let losses = Self.losses.map { $0 / Float(step + 1) }
      let norms: [Float] = [1, 2, 3]
      let weights = stopped.weights(for: losses, step: step)
      let expected = other.weights(for: left.map { losses[$0] }, step: step)
      #expect(weights[task] == 0 && left.map { weights[$0] } == expected)
      #expect(
        stopped.total(of: losses, weights: weights)
          == other.total(of: left.map { losses[$0] }, weights: expected))
      stopped.learn(losses: losses, gradientNorms: norms)
      other.learn(losses: left.map { losses[$0] }, gradientNorms: left.map { norms[$0] })
      if step > 1 {
        stopped.endEpoch(meanLosses: losses)
        other.endEpoch(meanLosses: left.map { losses[$0] })
      }
    }
    #expect(stopped.state == other.state)
    let products = [[4.0, -1], [-1, 2]]
    #expect(
      stopped.coefficients(products: products, step: 9)
        == other.coefficients(products: products, step: 9))
  }

  /// What was learned of the others stays; a state from a checkpoint fits the tasks that are left.
  @Test(arguments: BalanceSettings.Method.allCases)
  func theOthersKeepWhatTheyLearned(_ method: BalanceSettings.Method) throws {
    var whole = balancer(method)
    for _ in 0..<3 {
      whole.learn(losses: Self.losses, gradientNorms: [1, 2, 3])
      whole.endEpoch(meanLosses: Self.losses)
    }
    let before = whole.state
    whole.stop(1)
    whole.stop(1)
    #expect(whole.remaining == [0, 2] && whole.hasWork)
    if !before.values.isEmpty {
      #expect(whole.state.values == [before.values[0], before.values[2]])
    }
    var resumed = balancer(method)
    if !before.values.isEmpty || !before.history.isEmpty {
      #expect(throws: TrainingError.self) { try resumed.restore(whole.state) }
    }
    resumed.stop(1)
    try resumed.restore(whole.state)
    #expect(
      resumed.weights(for: Self.losses, step: 4) == whole.weights(for: Self.losses, step: 4))
    for task in [0, 2] { whole.stop(task) }
    #expect(!whole.hasWork && whole.weights(for: Self.losses, step: 5) == [0, 0, 0])
  }

  @Test func tasksWithoutWeightAreNoWork() {
    var tasks = TaskSettings.article
    tasks[2].weight = 0
    var balancer = balancer(.sum, tasks)
    balancer.stop(0)
    #expect(balancer.hasWork)
    balancer.stop(1)
    #expect(!balancer.hasWork)
  }
}
