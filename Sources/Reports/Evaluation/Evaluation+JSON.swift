import Foundation

extension Evaluation {
  /// The evaluation as JSON: the single figures, and what does not fit into one number.
  private struct Document: Encodable {
    struct Decade: Encodable {
      var from: Int
      var count: Int
      var mae: Double
    }

    struct Bin: Encodable {
      var count: Int
      var confidence: Double
      var accuracy: Double
    }
    struct Figure: Encodable {
      var count: Int
      var value: Double
      var low: Double?
      var high: Double?
    }
    struct Analysis: Encodable {
      struct Group: Encodable {
        var names: [String]
        var count: Int
        var figures: [String: Figure]
      }
      struct Gap: Encodable {
        var value: Double
        var worst: [String]?
      }
      var columns: [String]
      var groups: [Group]
      var gaps: [String: Gap]
      var demographicParityDifference: [String: Double]
      var equalizedOddsDifference: [String: Double]
      var ungrouped: Int

      enum CodingKeys: String, CodingKey {
        case columns, groups, gaps, ungrouped
        case demographicParityDifference = "demographic_parity_difference"
        case equalizedOddsDifference = "equalized_odds_difference"
      }
    }

    var split: String
    var remarks: [String]
    var reliability: [String: [Bin]]
    var by: [Analysis]
    var samples: Int
    var imagesPerSecond: Double
    var figures: [String: Double]
    var confusion: [String: [[Int]]]
    var decades: [String: [Decade]]
    /// By task, the names of its classes in the order of their numbers, where they have names.
    var classes: [String: [String]]

    enum CodingKeys: String, CodingKey {
      case split, remarks, reliability, by, samples, figures, confusion, decades, classes
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
      split: split, remarks: remarks,
      reliability: byTask(reliability, names).compactMapValues { table in
        table?.bins.map { .init(count: $0.count, confidence: $0.confidence, accuracy: $0.accuracy) }
      },
      by: analyses.map(Self.document), samples: sampleCount, imagesPerSecond: imagesPerSecond,
      figures: figures.filter(\.value.isFinite),
      confusion: byTask(metrics.map(\.confusion), names).compactMapValues(\.self),
      decades: byTask(metrics, names).compactMapValues { metrics in
        guard case .regression(let metrics) = metrics else { return nil }
        return metrics.decades.map { .init(from: $0.start, count: $0.count, mae: $0.mae) }
      },
      classes: classNames.named)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return String(decoding: try encoder.encode(document), as: UTF8.self)
  }

  private static func document(_ analysis: GroupAnalysis) -> Document.Analysis {
    func key(_ task: String, _ metric: String) -> String { "\(task)_\(metric)" }
    return .init(
      columns: analysis.columns,
      groups: analysis.groups.map { group in
        .init(
          names: group.names, count: group.count,
          figures: Dictionary(
            uniqueKeysWithValues: group.figures.map { figure in
              (
                key(figure.task, figure.metric),
                .init(
                  count: figure.count, value: figure.value, low: figure.interval?.lowerBound,
                  high: figure.interval?.upperBound)
              )
            }))
      },
      gaps: Dictionary(
        uniqueKeysWithValues: analysis.gaps.map {
          (key($0.task, $0.metric), .init(value: $0.value, worst: $0.worst))
        }),
      demographicParityDifference: Dictionary(
        uniqueKeysWithValues: analysis.fairness.map { ($0.task, $0.demographicParityDifference) }),
      equalizedOddsDifference: Dictionary(
        uniqueKeysWithValues: analysis.fairness.compactMap { fairness in
          fairness.equalizedOddsDifference.map { (fairness.task, $0) }
        }), ungrouped: analysis.ungrouped)
  }
}
