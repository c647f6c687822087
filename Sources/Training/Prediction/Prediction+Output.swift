import Foundation
import TerminalOutput

extension Prediction {
  /// One line for a person: `face.jpg  age 31.4  gender female 97 %  race White 88 %`.
  public func text(_ about: WeightDescription) -> String {
    let parts = values.map { task, value in
      switch value {
      case .number(let number): "\(task) \(fixed(number, 1))"
      case .classes(let best, let probabilities, _):
        "\(task) \(about.className(best, task: task)) \(percent(probabilities[best], decimals: 0))"
      }
    }
    return ([file] + parts).joined(separator: "  ")
  }

  /// One JSON object: `file`, and by task the number, or `class`, `name`, `probabilities` and `logits`.
  public func json(_ about: WeightDescription) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(
      decoding: try encoder.encode(Object(prediction: self, about: about)), as: UTF8.self)
  }

  private struct Object: Encodable {
    struct Classes: Encodable {
      var `class`: Int
      var name: String
      var probabilities: [Double]
      var logits: [Double]
    }
    struct Key: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }
    let prediction: Prediction
    let about: WeightDescription

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(prediction.file, forKey: Key(stringValue: "file"))
      for (task, value) in prediction.values {
        let key = Key(stringValue: task)
        switch value {
        case .number(let number): try container.encode(number, forKey: key)
        case .classes(let best, let probabilities, let logits):
          try container.encode(
            Classes(
              class: best, name: about.className(best, task: task), probabilities: probabilities,
              logits: logits),
            forKey: key)
        }
      }
    }
  }
}
