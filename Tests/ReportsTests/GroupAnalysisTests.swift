import Experiment
import Foundation
import Reports
import Testing

/// What Fairlearn and scikit-learn computed, made by Golden/make_groups.py.
private struct Golden: Decodable {
  var group: [Int]
  var gender: [Float]
  var race: [Float]
  var age: [Float]
  var logits: [Float]
  var rows: [Float]
  var predicted: [Float]
  /// By task, group and metric.
  var figures: [String: [String: [String: Double]]]
  var gaps: [String: [String: Double]]
  var parity: Double
  var odds: Double

  static func load() throws -> Golden {
    let url = try #require(
      Bundle.module.url(forResource: "groups", withExtension: "json", subdirectory: "Golden"))
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
  }

  func evaluation() -> Evaluation {
    var tasks = TaskSettings.article
    tasks[2].classes = 4
    return Evaluation(
      split: "validation", tasks: tasks, losses: [1, 1, 1], outputs: [predicted, logits, rows],
      labels: [age, gender, race], seconds: 1,
      groupings: [
        Grouping(
          columns: ["site"], names: [["0"], ["1"], ["a, \"b\""]], groups: group.map { $0 })
      ])
  }
}

@Suite struct GroupAnalysisTests {
  @Test func agreesWithFairlearn() throws {
    let golden = try Golden.load()
    let analysis = try #require(golden.evaluation().analyses.first)
    var compared = 0
    for (task, groups) in golden.figures {
      for (group, figures) in groups {
        for (metric, expected) in figures {
          let figure = try #require(
            analysis.groups[Int(group) ?? 0].figure(task, metric), "\(task) \(metric)")
          #expect(abs(figure.value - expected) < 1e-6, "\(task) \(metric) of \(group)")
          let interval = try #require(figure.interval)
          #expect(interval.contains(expected) && interval.upperBound > interval.lowerBound)
          compared += 1
        }
      }
    }
    #expect(compared == 3 * (7 + 3 + 6))
    for (task, gaps) in golden.gaps {
      for (metric, expected) in gaps {
        let gap = try #require(analysis.gaps.first { $0.task == task && $0.metric == metric })
        #expect(abs(gap.value - expected) < 1e-6, "gap of \(task) \(metric)")
      }
    }
    let fairness = try #require(analysis.fairness.first)
    #expect(analysis.fairness.count == 1 && fairness.task == "gender")
    #expect(abs(fairness.demographicParityDifference - golden.parity) < 1e-6)
    let odds = try #require(fairness.equalizedOddsDifference)
    #expect(abs(odds - golden.odds) < 1e-6)
    let worst = analysis.gaps.first { $0.task == "age" && $0.metric == "mae" }?.worst
    #expect(worst == ["a, \"b\""])
  }

  @Test func isTheSameEveryTimeInTextJSONAndCSV() throws {
    let golden = try Golden.load()
    let (one, other) = (golden.evaluation(), golden.evaluation())
    #expect(try one.json() == other.json())
    #expect(one.lines() == other.lines())
    let text = one.lines().joined(separator: "\n")
    #expect(text.contains("gender by site") && text.contains("demographic parity difference"))
    #expect(text.contains("worst") && text.contains("calibration error"))
    let csv = GroupAnalysis.csv(one.analyses)
    let rows = csv.split(separator: "\r\n")
    #expect(rows.count == 1 + 3 * (7 + 3 + 6))
    #expect(rows[0] == "by,group,task,metric,count,value,low,high")
    #expect(rows.last?.hasPrefix("site,\"a, \"\"b\"\"\",race,macro_f1,") == true)
    let json = try JSONSerialization.jsonObject(with: Data(one.json().utf8)) as? [String: Any]
    let analysis = try #require((json?["by"] as? [[String: Any]])?.first)
    let parity = analysis["demographic_parity_difference"] as? [String: Double]
    #expect(abs((parity?["gender"] ?? 0) - golden.parity) < 1e-6)
    #expect((json?["reliability"] as? [String: [Any]])?["race"]?.count == 15)
  }

  /// A group without labels has no figures and takes no part in gaps, nor does one of few samples; a
  /// sample without a group is in none.
  @Test func whatIsMissingOrFewTakesNoPart() {
    func many<T>(_ pattern: [T]) -> [T] { (0..<10).flatMap { _ in pattern } }
    let evaluation = Evaluation(
      split: "validation", tasks: [TaskSettings(name: "g", kind: .binary)], losses: [1],
      outputs: [many([1, -1, 1, 1, -1]) + [-1]], labels: [many([1, 0, .nan, 1, 1]) + [1]],
      seconds: 1,
      groupings: [
        Grouping(
          columns: ["c"], names: [["a"], ["b"], ["d"], ["e"]],
          groups: many([0, 0, 1, 2, nil]) + [3])
      ])
    let analysis = evaluation.analyses[0]
    #expect(analysis.groups.map(\.count) == [20, 10, 10, 1] && analysis.ungrouped == 10)
    #expect(analysis.groups[1].figures.isEmpty)
    #expect(analysis.groups[2].figure("g", "false_positive_rate") == nil)
    #expect(analysis.groups[0].figure("g", "true_positive_rate")?.count == 10)
    // Group e is always wrong, but of one sample.
    #expect(analysis.groups[3].figure("g", "accuracy")?.value == 0)
    #expect(analysis.gaps.first { $0.metric == "accuracy" }?.value == 0)
    #expect(analysis.fairness[0].demographicParityDifference == 0.5)
    #expect(analysis.fairness[0].equalizedOddsDifference == 0)
    let lines = evaluation.lines(columns: 80)
    #expect(lines.allSatisfy { $0.count <= 80 })
    #expect(lines.contains { $0.hasPrefix("e ") && $0.hasSuffix("*") })
    #expect(lines.contains("* fewer than 10 images: not counted in gaps"))
    #expect(lines.contains("10 images lack a value of c"))
  }

  /// Rates need both classes in a group, and by its own classes a group has one.
  @Test func byItsOwnClassesATaskHasOnlyItsAccuracy() {
    let labels = (0..<40).map { Float($0 % 2) }
    let evaluation = Evaluation(
      split: "validation", tasks: [TaskSettings(name: "sex", column: "gender", kind: .binary)],
      losses: [1], outputs: [labels.map { $0 - 0.5 }], labels: [labels], seconds: 1,
      groupings: [
        Grouping(
          columns: ["gender"], names: [["m"], ["f"]], groups: labels.map { Int($0) },
          hasIntervals: false)
      ])
    let analysis = evaluation.analyses[0]
    #expect(analysis.groups.map { $0.figures.map(\.metric) } == [["accuracy"], ["accuracy"]])
    #expect(analysis.groups[0].figures[0].interval == nil && analysis.fairness.isEmpty)
  }
}
