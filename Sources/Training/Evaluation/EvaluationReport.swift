import Foundation

/// An evaluation as JSON: the single figures, and what does not fit into one number.
package struct EvaluationReport: Encodable, Sendable {
  struct Group: Encodable {
    var labels: [String: Int]
    var names: [String: String]
    var count: Int
    var errors: [String: Double]
  }
  struct Decade: Encodable {
    var from: Int
    var count: Int
    var mae: Double
  }

  let split: String
  let samples: Int
  let imagesPerSecond: Double
  let figures: [String: Double]
  let confusion: [String: [[Int]]]
  let decades: [String: [Decade]]
  let groups: [Group]
  /// By task, the names of its classes in the order of their numbers, where they have names.
  let classes: [String: [String]]

  enum CodingKeys: String, CodingKey {
    case split, samples, figures, confusion, decades, groups, classes
    case imagesPerSecond = "images_per_second"
  }

  package init(_ evaluation: Evaluation) {
    split = evaluation.split
    samples = evaluation.sampleCount
    imagesPerSecond = Double(evaluation.sampleCount) / max(evaluation.seconds, 1e-9)
    figures = evaluation.figures.filter(\.value.isFinite)
    var confusion: [String: [[Int]]] = [:]
    var decades: [String: [Decade]] = [:]
    for (task, metrics) in zip(evaluation.tasks, evaluation.metrics) {
      switch metrics {
      case .regression(let metrics):
        decades[task.name] = metrics.decades.map {
          Decade(from: $0.start, count: $0.count, mae: $0.mae)
        }
      case .binary(let metrics): confusion[task.name] = metrics.confusion
      case .categorical(let metrics): confusion[task.name] = metrics.confusion
      }
    }
    self.confusion = confusion
    self.decades = decades
    let names = evaluation.classNames
    classes = names.named
    groups = evaluation.groups.map { group in
      let labels = Dictionary(uniqueKeysWithValues: zip(evaluation.groupingTasks, group.labels))
      return Group(
        labels: labels,
        names: Dictionary(
          uniqueKeysWithValues: labels.map { ($0.key, names.name(of: $0.value, task: $0.key)) }),
        count: group.count,
        errors: Dictionary(
          uniqueKeysWithValues: zip(evaluation.tasks.map(\.name), group.errors)))
    }
  }

  /// One object, keys in alphabetical order.
  package func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try encoder.encode(self)
  }
}
