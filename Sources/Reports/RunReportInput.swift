/// All that a run's report shows. Texts may be anything, file names too: the page escapes them.
package struct RunReportInput: Sendable {
  /// A label and what it says, such as "Engine", "f32, 2 threads".
  package struct Fact: Codable, Equatable, Sendable {
    package var label: String
    package var text: String

    package init(_ label: String, _ text: String) {
      self.label = label
      self.text = text
    }
  }

  /// The run's name.
  package var title: String
  /// One line below it, such as "ResNet-18 · age, gender, race · utkface-32".
  package var subtitle: String
  package var facts: [Fact]
  package var history: RunHistory
  /// The epoch whose weights were kept as best; nil where no epoch was finished.
  package var bestEpoch: Int?
  /// Units of tasks that have one: `["age": "years"]`.
  package var units: [String: String]
  /// How the best weights do on the validation split, in detail; nil leaves those sections out.
  package var evaluation: EvaluationDetails?
  /// The run's resolved settings, as text.
  package var configuration: String
  /// The program and version that made the page.
  package var program: String

  package init(
    title: String, subtitle: String = "", facts: [Fact] = [], history: RunHistory,
    bestEpoch: Int? = nil, units: [String: String] = [:], evaluation: EvaluationDetails? = nil,
    configuration: String = "", program: String = "hydra-train"
  ) {
    self.title = title
    self.subtitle = subtitle
    self.facts = facts
    self.history = history
    self.bestEpoch = bestEpoch
    self.units = units
    self.evaluation = evaluation
    self.configuration = configuration
    self.program = program
  }
}

/// What does not fit into one figure about a model on one split.
package struct EvaluationDetails: Codable, Sendable {
  /// Samples of a task by true and predicted class.
  package struct Confusion: Codable, Sendable {
    package var task: String
    package var classes: [String]
    /// `counts[truth][prediction]`, as many rows and columns as classes.
    package var counts: [[Int]]

    package init(task: String, classes: [String], counts: [[Int]]) {
      self.task = task
      self.classes = classes
      self.counts = counts
    }
  }

  /// A regression's error by range of the label.
  package struct ErrorsByRange: Codable, Sendable {
    package struct Range: Codable, Sendable {
      /// Such as "20–29".
      package var label: String
      package var count: Int
      /// Mean absolute error.
      package var error: Double

      package init(label: String, count: Int, error: Double) {
        self.label = label
        self.count = count
        self.error = error
      }
    }

    package var task: String
    package var ranges: [Range]

    package init(task: String, ranges: [Range]) {
      self.task = task
      self.ranges = ranges
    }
  }

  /// Errors by group of people.
  package struct Groups: Codable, Sendable {
    package struct Column: Codable, Sendable {
      /// Such as "age MAE" or "gender errors".
      package var title: String
      /// A share from 0 to 1, shown per cent.
      package var isShare: Bool
      /// Over all samples.
      package var overall: Double

      package init(title: String, isShare: Bool, overall: Double) {
        self.title = title
        self.isShare = isShare
        self.overall = overall
      }
    }

    package struct Row: Codable, Sendable {
      /// One for each name in `names`, such as ["female", "Asian"].
      package var labels: [String]
      package var count: Int
      /// One for each column.
      package var errors: [Double]

      package init(labels: [String], count: Int, errors: [Double]) {
        self.labels = labels
        self.count = count
        self.errors = errors
      }
    }

    /// What the groups are made by, such as ["gender", "race"].
    package var names: [String]
    package var columns: [Column]
    package var rows: [Row]

    package init(names: [String], columns: [Column], rows: [Row]) {
      self.names = names
      self.columns = columns
      self.rows = rows
    }
  }

  /// Pictures with what was predicted, under one title.
  package struct PictureGroup: Codable, Sendable {
    package var title: String
    package var note: String
    package var pictures: [Picture]

    package init(title: String, note: String = "", pictures: [Picture]) {
      self.title = title
      self.note = note
      self.pictures = pictures
    }
  }

  package struct Picture: Codable, Sendable {
    package struct Prediction: Codable, Sendable {
      package var truth: String
      package var prediction: String
      package var isRight: Bool

      package init(truth: String, prediction: String, isRight: Bool) {
        self.truth = truth
        self.prediction = prediction
        self.isRight = isRight
      }
    }

    package var width: Int
    package var height: Int
    /// Pixels row by row, red, green, blue: 3 · width · height bytes.
    package var rgb: [UInt8]
    /// The file or sample name.
    package var name: String
    package var predictions: [Prediction]

    package init(
      width: Int, height: Int, rgb: [UInt8], name: String, predictions: [Prediction]
    ) {
      self.width = width
      self.height = height
      self.rgb = rgb
      self.name = name
      self.predictions = predictions
    }
  }

  /// The split's name, such as "validation".
  package var split: String
  package var sampleCount: Int
  /// Single figures by name, as in `EpochRecord.validation`.
  package var figures: [String: Double]
  package var confusions: [Confusion]
  package var errorsByRange: [ErrorsByRange]
  package var groups: Groups?
  package var pictures: [PictureGroup]

  package init(
    split: String, sampleCount: Int, figures: [String: Double] = [:],
    confusions: [Confusion] = [], errorsByRange: [ErrorsByRange] = [], groups: Groups? = nil,
    pictures: [PictureGroup] = []
  ) {
    self.split = split
    self.sampleCount = sampleCount
    self.figures = figures
    self.confusions = confusions
    self.errorsByRange = errorsByRange
    self.groups = groups
    self.pictures = pictures
  }
}
