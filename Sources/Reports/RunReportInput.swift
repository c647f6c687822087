/// All that a run's report shows. Texts may be anything, file names too: the page escapes them.
package struct RunReportInput: Sendable {
  /// A label and what it says, such as "Engine", "f32, 2 threads".
  package struct Fact: Sendable {
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
  /// Sentences about what the page lacks.
  package var notes: [String]
  package var history: RunHistory
  /// The epoch whose weights were kept as best; nil where no epoch was finished.
  package var bestEpoch: Int?
  /// Units of tasks that have one: `["age": "years"]`.
  package var units: [String: String]
  /// How the best weights do on the validation split, in detail; nil leaves those sections out.
  package var evaluation: Evaluation?
  /// The same figures of the whole split, as one group, with their intervals.
  package var overall: GroupAnalysis?
  package var pictures: [PictureGroup]
  /// The run's resolved settings, as text.
  package var configuration: String
  /// Where the run comes from, in full: store, recipe, version, machine, time.
  package var provenance: [Fact]
  /// The program and version that made the page.
  package var program: String

  package init(
    title: String, subtitle: String = "", facts: [Fact] = [], notes: [String] = [],
    history: RunHistory, bestEpoch: Int? = nil, units: [String: String] = [:],
    evaluation: Evaluation? = nil, overall: GroupAnalysis? = nil, pictures: [PictureGroup] = [],
    configuration: String = "", provenance: [Fact] = [], program: String = "hydra-train"
  ) {
    self.title = title
    self.subtitle = subtitle
    self.facts = facts
    self.notes = notes
    self.history = history
    self.bestEpoch = bestEpoch
    self.units = units
    self.evaluation = evaluation
    self.overall = overall
    self.pictures = pictures
    self.configuration = configuration
    self.provenance = provenance
    self.program = program
  }
}
