import Terminal
import WeightFiles

extension Prediction {
  /// One line for a person: `face.jpg  age 31.4  gender female 97 %  race White 88 %`.
  package func text(_ about: WeightDescription) -> String {
    let parts = values.map { task, value in
      switch value {
      case .number(let number): "\(task) \(fixed(number, 1))"
      case .classes(let best, let probabilities, _):
        "\(task) \(about.className(best, task: task)) \(percent(probabilities[best], decimals: 0))"
      }
    }
    return ([visible(file)] + parts).joined(separator: "  ")
  }

  /// One JSON object: `file`, and by task the number, or `class`, `name`, `probabilities` and
  /// `logits`.
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
    return "{\(members.joined(separator: ","))}"
  }

  private func list(_ numbers: [Double]) -> String {
    // As floats, which is what they are: half the digits, and the same value when read as float.
    return numbers.map { "\(Float($0))" }.joined(separator: ",")
  }
}
