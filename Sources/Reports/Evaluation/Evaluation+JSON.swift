import Foundation

extension Evaluation {
  /// The evaluation as JSON: the single figures, and what does not fit into one number.
  private struct Document: Encodable {
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

    var split: String
    var samples: Int
    var imagesPerSecond: Double
    var figures: [String: Double]
    var confusion: [String: [[Int]]]
    var decades: [String: [Decade]]
    var groups: [Group]
    /// By task, the names of its classes in the order of their numbers, where they have names.
    var classes: [String: [String]]

    enum CodingKeys: String, CodingKey {
      case split, samples, figures, confusion, decades, groups, classes
      case imagesPerSecond = "images_per_second"
    }
  }

  /// One object, keys in alphabetical order.
  package func json() throws -> String {
    func byTask<T>(_ values: [T], _ names: [String]) -> [String: T] {
      Dictionary(uniqueKeysWithValues: zip(names, values))
    }
    let names = tasks.map(\.name)
    let document = Document(
      split: split, samples: sampleCount, imagesPerSecond: imagesPerSecond,
      figures: figures.filter(\.value.isFinite),
      confusion: byTask(metrics.map(\.confusion), names).compactMapValues(\.self),
      decades: byTask(metrics, names).compactMapValues { metrics in
        guard case .regression(let metrics) = metrics else { return nil }
        return metrics.decades.map { .init(from: $0.start, count: $0.count, mae: $0.mae) }
      },
      groups: groups.map { group in
        .init(
          labels: byTask(group.labels, groupingTasks),
          names: byTask(self.names(of: group), groupingTasks), count: group.count,
          errors: byTask(group.errors, names))
      },
      classes: classNames.named)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(document), as: UTF8.self)
  }
}
