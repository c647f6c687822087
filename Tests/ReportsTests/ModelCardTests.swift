import Experiment
import Foundation
import Images
import Reports
import Testing

/// The card of any tasks: all sections, well-formed tables, and no sentence that is not true of them.
@Suite struct ModelCardTests {
  static let sections = [
    "Model details", "Intended use", "Factors", "Metrics", "Evaluation data", "Training data",
    "Quantitative analyses", "Ethical considerations", "Caveats and recommendations",
  ]

  static func input(_ evaluation: Evaluation?) -> ModelCardInput {
    var tasks = TaskSettings.article
    tasks[2].classes = 2
    let report = RunReportInput(
      title: PageTests.hostile, notes: [PageTests.hostile], history: PageTests.history(3),
      bestEpoch: 2, units: ["age": "years"], evaluation: evaluation,
      provenance: [.init("Recipe, SHA-256", "abc"), .init("Store", PageTests.hostile)],
      program: "hydra-train 1")
    return ModelCardInput(
      report: report, network: "ResNet-18", imageSize: 32, parameterCount: 1_234_567,
      tasks: tasks,
      classNames: ClassNames(["gender": ["male", "female"], "race": [PageTests.hostile, "b"]]),
      weights: "best.safetensors", bestMetric: "loss", trainingCount: 4321,
      classCounts: [[], [30, 10], [1, 39]])
  }

  /// Rows of every table have as many cells as its rule.
  static func check(_ card: String) {
    var columns: Int?
    for line in card.split(separator: "\n", omittingEmptySubsequences: false) {
      guard line.hasPrefix("|") else {
        columns = nil
        continue
      }
      let cells = line.replacing("\\|", with: "").split(
        separator: "|", omittingEmptySubsequences: false
      ).count
      #expect(columns == nil || columns == cells, "\(line)")
      columns = cells
    }
    #expect(
      card.split(separator: "\n").filter { $0.hasPrefix("## ") }.map { $0.dropFirst(3) }
        .elementsEqual(sections.map { $0[...] }))
    #expect(!card.contains("\n\n\n") && card.hasSuffix("\n") && !card.hasSuffix("\n\n"))
    #expect(!card.contains("nan") && !card.contains("inf\n"))
  }

  @Test func aCardSaysEverythingAndRunsNothing() {
    let card = ModelCard(Self.input(PageTests.evaluation())).text()
    Self.check(card)
    #expect(card.contains("\\<script\\>") && !card.replacing("\\<", with: "").contains("<"))
    #expect(!card.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    for words in [
      "1,234,567 parameters", "32×32 pixels", "after epoch 2 of 3, the best by loss",
      "| age | age | a number in years | l1 |", "one of 2 classes: male, female",
      "The 1,234 images", "The 4,321 images", "| male | 30 | 75.0 % |", "| Age MAE | 5.000 years |",
      "demographic parity difference", "Age, gender and race are what a label says",
      "Recipe, SHA-256 | abc", "not calibrated",
    ] {
      #expect(card.contains(words), "\(words)")
    }
    // A task by its own classes says nothing.
    #expect(!card.contains("race by race"))
  }

  @Test func withoutAStoreTheLoggedFiguresAreShown() {
    var input = Self.input(nil)
    input.classCounts = []
    input.trainingCount = nil
    let card = ModelCard(input).text()
    Self.check(card)
    #expect(card.contains("| Age MAE | 7.000 |") && card.contains("its size is not known here"))
    #expect(card.contains("the run logged for its validation split"))
    input.report.history.epochs = input.report.history.epochs.map { epoch in
      var epoch = epoch
      epoch.validation = [:]
      return epoch
    }
    #expect(ModelCard(input).text().contains("those of its training images"))
  }

  /// Nothing of faces or people is said of other data.
  @Test func otherTasksGetNoSentenceAboutPeople() throws {
    var weight = TaskSettings(name: "weight", kind: .regression, loss: .dldl)
    weight.range = [0, 40]
    weight.binWidth = 0.5
    var ripeness = TaskSettings(name: "ripeness", column: "days", kind: .categorical, classes: 3)
    ripeness.bins = [3, 7]
    let values: [Float] = [1, 2, 3, 4]
    let evaluation = Evaluation(
      split: "validation", tasks: [weight, ripeness], losses: [1, 2],
      outputs: [values, [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0]],
      labels: [values, [0, 1, 2, .nan]], seconds: 1)
    let card = ModelCard(
      ModelCardInput(
        report: RunReportInput(
          title: "fruit", history: PageTests.history(1), bestEpoch: 1, evaluation: evaluation,
          program: "hydra-train"),
        network: "MTAN, ResNet-18", isAttention: true, imageSize: 64, parameterCount: 1,
        tasks: [weight, ripeness], weights: "best.safetensors", bestMetric: "loss",
        classCounts: [[], [1, 1, 1]], isCalibrated: true)
    ).text()
    Self.check(card)
    for word in ["UTKFace", "face", "gender", "race", "person,", "skin"] {
      #expect(!card.contains(word), "\(word)")
    }
    for words in [
      "the median of a distribution over 81 values from 0 to 40",
      "below 3, 3 to below 7, 7 and more",
      "Whether weight and ripeness say something about people", "End-to-End Multi-Task Learning",
      "No figures by group", "A calibration lies beside the weights",
    ] {
      #expect(card.contains(words), "\(words)")
    }
  }
}
