/// All that a run's report shows. Texts may be anything, file names too: the page escapes them.
public struct RunReportInput: Codable, Sendable {
  /// A label and what it says, such as "Engine", "f32, 2 threads".
  public struct Fact: Codable, Equatable, Sendable {
    public var label: String
    public var text: String

    public init(_ label: String, _ text: String) {
      self.label = label
      self.text = text
    }
  }

  /// The run's name.
  public var title: String
  /// One line below it, such as "ResNet-18 · age, gender, race · utkface-32".
  public var subtitle: String
  public var facts: [Fact]
  public var history: RunHistory
  /// The epoch whose weights were kept as best; nil takes the lowest validation loss.
  public var bestEpoch: Int?
  /// Units of tasks that have one: `["age": "years"]`.
  public var units: [String: String]
  /// How the best weights do on the validation split, in detail; nil leaves those sections out.
  public var evaluation: EvaluationDetails?
  /// The run's resolved settings, as text.
  public var configuration: String
  /// The program and version that made the page.
  public var program: String

  public init(
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
public struct EvaluationDetails: Codable, Sendable {
  /// Samples of a task by true and predicted class.
  public struct Confusion: Codable, Sendable {
    public var task: String
    public var classes: [String]
    /// `counts[truth][prediction]`, as many rows and columns as classes.
    public var counts: [[Int]]

    public init(task: String, classes: [String], counts: [[Int]]) {
      self.task = task
      self.classes = classes
      self.counts = counts
    }
  }

  /// A regression's error by range of the label.
  public struct ErrorsByRange: Codable, Sendable {
    public struct Range: Codable, Sendable {
      /// Such as "20–29".
      public var label: String
      public var count: Int
      /// Mean absolute error.
      public var error: Double

      public init(label: String, count: Int, error: Double) {
        self.label = label
        self.count = count
        self.error = error
      }
    }

    public var task: String
    public var ranges: [Range]

    public init(task: String, ranges: [Range]) {
      self.task = task
      self.ranges = ranges
    }
  }

  /// Errors by group of people.
  public struct Groups: Codable, Sendable {
    public struct Column: Codable, Sendable {
      /// Such as "age MAE" or "gender errors".
      public var title: String
      /// A share from 0 to 1, shown per cent.
      public var isShare: Bool
      /// Over all samples.
      public var overall: Double

      public init(title: String, isShare: Bool, overall: Double) {
        self.title = title
        self.isShare = isShare
        self.overall = overall
      }
    }

    public struct Row: Codable, Sendable {
      /// One for each name in `names`, such as ["female", "Asian"].
      public var labels: [String]
      public var count: Int
      /// One for each column.
      public var errors: [Double]

      public init(labels: [String], count: Int, errors: [Double]) {
        self.labels = labels
        self.count = count
        self.errors = errors
      }
    }

    /// What the groups are made by, such as ["gender", "race"].
    public var names: [String]
    public var columns: [Column]
    public var rows: [Row]

    public init(names: [String], columns: [Column], rows: [Row]) {
      self.names = names
      self.columns = columns
      self.rows = rows
    }
  }

  /// Pictures with what was predicted, under one title.
  public struct PictureGroup: Codable, Sendable {
    public var title: String
    public var note: String
    public var pictures: [Picture]

    public init(title: String, note: String = "", pictures: [Picture]) {
      self.title = title
      self.note = note
      self.pictures = pictures
    }
  }

  public struct Picture: Codable, Sendable {
    public struct Prediction: Codable, Sendable {
      public var truth: String
      public var prediction: String
      public var isRight: Bool

      public init(truth: String, prediction: String, isRight: Bool) {
        self.truth = truth
        self.prediction = prediction
        self.isRight = isRight
      }
    }

    public var width: Int
    public var height: Int
    /// Pixels row by row, red, green, blue: 3 · width · height bytes.
    public var rgb: [UInt8]
    /// The file or sample name.
    public var name: String
    public var predictions: [Prediction]

    public init(
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
  public var split: String
  public var sampleCount: Int
  /// Single figures by name, as in `RunEpoch.validation`.
  public var figures: [String: Double]
  public var confusions: [Confusion]
  public var errorsByRange: [ErrorsByRange]
  public var groups: Groups?
  public var pictures: [PictureGroup]

  public init(
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
