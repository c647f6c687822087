import Experiment
import Reports
import Testing

@Suite struct MetricsTests {
  let golden: Golden.Metrics

  init() throws { golden = try Golden.load().metrics }

  @Test func regression() {
    let metrics = RegressionMetrics(predictions: golden.predicted, labels: golden.age)
    #expect(close(metrics.mae, golden.mae, 1e-7))
    #expect(close(metrics.rmse, golden.rmse, 1e-7))
    #expect(close(metrics.bias, golden.bias, 1e-6))
    #expect([metrics.within1, metrics.within5, metrics.within10] == golden.within)
    #expect(metrics.decades.count == golden.decades.count)
    for (decade, row) in zip(metrics.decades, golden.decades) {
      #expect(decade.start == Int(row[0]) && decade.count == Int(row[1]))
      #expect(close(decade.mae, row[2], 1e-6))
    }
  }

  @Test func binaryWithTies() throws {
    let metrics = BinaryMetrics(logits: golden.logits, labels: golden.gender)
    #expect(close(metrics.accuracy, golden.accuracy))
    #expect(close(metrics.balancedAccuracy, golden.balanced))
    #expect(close(metrics.f1, golden.f1))
    #expect(close(try #require(metrics.auc), golden.auc))
  }

  @Test(arguments: [
    ([1, 2, 3, 4], [0, 0, 1, 1], 1.0), ([4, 3, 2, 1], [0, 0, 1, 1], 0.0),
    ([1, 1, 1, 1], [0, 0, 1, 1], 0.5), ([1, 2, 2, 3], [0, 0, 1, 1], 0.875),
  ])
  func areaUnderCurveByHand(_ logits: [Float], _ labels: [Float], _ expected: Double) {
    #expect(BinaryMetrics(logits: logits, labels: labels).auc == expected)
  }

  @Test func areaNeedsBothClassesAndNumbers() {
    #expect(BinaryMetrics(logits: [1, 2], labels: [1, 1]).auc == nil)
    #expect(BinaryMetrics(logits: [], labels: []).auc == nil)
    #expect(BinaryMetrics(logits: [.nan, 1], labels: [1, 0]).auc == nil)
  }

  @Test func categorical() {
    let metrics = CategoricalMetrics(logits: golden.rows, labels: golden.race, classes: 5)
    #expect(metrics.confusion == golden.confusion)
    #expect(close(metrics.accuracy, golden.raceAccuracy))
    #expect(close(metrics.balancedAccuracy, golden.raceBalanced))
    #expect(close(metrics.macroF1, golden.macroF1))
  }

  /// As scikit-learn: a class that is neither in the labels nor in the answers takes no part.
  @Test func macroF1IsOfTheClassesThatOccur() {
    let metrics = CategoricalMetrics(logits: [2, 1, 0, 0, 1, 0], labels: [0, 1], classes: 3)
    #expect(metrics.macroF1 == 1)
    #expect(CategoricalMetrics(logits: [], labels: [], classes: 3).macroF1 == 0)
  }

  @Test func firstOfEqualLogitsWins() {
    let metrics = CategoricalMetrics(logits: [0, 2, 2, 1, 1, 1], labels: [1, 0], classes: 3)
    #expect(metrics.accuracy == 1)
  }

  /// Figures are those of the samples whose label is known.
  @Test func labelsThatAreMissingTakeNoPart() {
    var tasks = TaskSettings.article
    tasks[2].classes = 2
    let whole = Evaluation(
      split: "validation", tasks: tasks, losses: [1, 1, .nan],
      outputs: [[1, 2, 3], [-1, 1, 1], [0, 1, 1, 0, 1, 0]],
      labels: [[2, .nan, 5], [.nan, 1, 0], [.nan, .nan, .nan]], seconds: 1)
    #expect(whole.figures["age_mae"] == 1.5 && whole.figures["gender_accuracy"] == 0.5)
    #expect(whole.figures["loss"] == 2 && whole.figures["race_accuracy"] == nil)
    #expect(
      whole.figures["race_loss"] == nil
        && whole.lines().joined().contains("race: no image has the label"))
  }
}
