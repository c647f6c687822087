import Terminal
import WeightFiles

extension Prediction {
  /// One line for a person: `face.jpg  age 31.4  gender female 97 %  race White 88 %`; with a
  /// coverage, `age 31.4 (24.0 to 38.8)  race unsure: White 55 %, Asian 40 %`.
  package func text(_ about: WeightDescription) -> String {
    let parts = values.map { task, value in
      switch (value, regions?.byTask[task]) {
      case (.number(let number), .interval(let range)):
        "\(task) \(fixed(number, 1)) (\(fixed(range.lowerBound, 1)) to "
          + "\(fixed(range.upperBound, 1)))"
      case (.number(let number), _): "\(task) \(fixed(number, 1))"
      case (.classes(_, let probabilities, _), .classes(let set)) where set.count > 1:
        "\(task) unsure: "
          + set.sorted { (probabilities[$1], $0) < (probabilities[$0], $1) }.map {
            "\(about.className($0, task: task)) \(percent(probabilities[$0], decimals: 0))"
          }.joined(separator: ", ")
      case (.classes(let best, let probabilities, _), _):
        "\(task) \(about.className(best, task: task)) \(percent(probabilities[best], decimals: 0))"
      }
    }
    return ([visible(file)] + parts).joined(separator: "  ")
  }

  /// One JSON object: `file`, and by task the number, or `class`, `name`, `probabilities` and
  /// `logits`; for numbers that are learned as distributions also `quantiles`, by task and share; with
  /// a coverage, also `coverage`, `regions` (by task, the bounds of an interval or the
  /// numbers of classes) and `unsure`, the tasks with more than one class; with explanations, the paths
  /// of the pictures by task.
  ///
  /// Written by hand: `JSONEncoder` takes longer for a line than the network for its image.
  package func json(_ about: WeightDescription) -> String {
    var members = ["\"file\":\(jsonString(file))"]
    for (task, value) in values {
      let text =
        switch value {
        case .number(let number): list([number])
        case .classes(let best, let probabilities, let logits):
          "{\"class\":\(best),\"name\":\(jsonString(about.className(best, task: task)))"
            + ",\"probabilities\":[\(list(probabilities))],\"logits\":[\(list(logits))]}"
        }
      members.append("\(jsonString(task)):\(text)")
    }
    if !quantiles.isEmpty {
      let texts = values.compactMap { task, _ in
        quantiles[task].map { quantiles in
          let pairs = zip(Self.quantileShares, quantiles).map { "\"\($0)\":\(list([$1]))" }
          return "\(jsonString(task)):{\(pairs.joined(separator: ","))}"
        }
      }
      members.append("\"quantiles\":{\(texts.joined(separator: ","))}")
    }
    if let regions {
      members.append("\"coverage\":\(Double(regions.percent) / 100)")
      let texts = values.map { task, _ in
        let numbers =
          switch regions.byTask[task] {
          case .interval(let range): list([range.lowerBound, range.upperBound])
          case .classes(let set): set.map(String.init).joined(separator: ",")
          case nil: ""
          }
        return "\(jsonString(task)):[\(numbers)]"
      }
      members.append("\"regions\":{\(texts.joined(separator: ","))}")
      let unsure = values.map(\.task).filter { task in
        if case .classes(let set) = regions.byTask[task] { set.count > 1 } else { false }
      }
      members.append("\"unsure\":[\(unsure.map(jsonString).joined(separator: ","))]")
    }
    if !explanations.isEmpty {
      let texts = values.compactMap { task, _ in
        explanations[task].map { "\(jsonString(task)):\(jsonString($0))" }
      }
      members.append("\"explanations\":{\(texts.joined(separator: ","))}")
    }
    return "{\(members.joined(separator: ","))}"
  }

  private func list(_ numbers: [Double]) -> String {
    // As floats, which is what they are: half the digits, and the same value when read as float.
    return numbers.map { "\(Float($0))" }.joined(separator: ",")
  }
}
