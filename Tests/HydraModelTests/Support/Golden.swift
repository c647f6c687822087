import Foundation
import HydraModel
import Testing

/// What `make_golden.py` wrote.
enum Golden {
  struct Step: Decodable, CustomTestStringConvertible {
    let model: String?
    let architecture: String
    let batch: Int
    let size: [Int]
    let images: String
    let evaluation: [[Float]]
    let logits: [[Float]]
    let losses: [Float]
    let gradients: [String: [Double]]
    let statistics: [String: [Double]]
    let batchesTracked: [String: Int64]
    var kind: NetworkKind? { NetworkKind(rawValue: model ?? "hydranet") }
    var testDescription: String {
      "\(model ?? "") \(architecture), \(batch) of \(size[0])×\(size[1])"
    }
  }

  struct Run: Decodable, CustomTestStringConvertible {
    let model: String?
    let architecture: String
    let batch: Int
    let size: [Int]
    let images: String
    let optimizer: String
    let history: [[Float]]
    let state: [String: [Double]]
    var kind: NetworkKind? { NetworkKind(rawValue: model ?? "hydranet") }
    var testDescription: String { "\(model ?? "") \(architecture), \(optimizer)" }
  }

  struct Loss: Decodable {
    let loss: Float
    let gradient: [Float]
  }

  static func load<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value {
    let url = try #require(
      Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Golden"))
    return try JSONDecoder().decode(type, from: Data(contentsOf: url))
  }

  /// The norm and four entries of a tensor, as the script takes them.
  static func sample(_ values: [Float]) -> [Double] {
    let norm = values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    let n = values.count
    return [norm] + (0..<4).map { Double(values[$0 * n / 4 + n / 8]) }
  }

  /// The largest deviation of a sampled tensor: of the norm relative to it, of entries relative to
  /// themselves or to the tensor's root mean square, whichever is larger.
  static func deviation(_ values: [Float], from golden: [Double]) -> Double {
    let own = sample(values)
    let typical = golden[0] / Double(values.count).squareRoot()
    var worst = abs(own[0] - golden[0]) / max(golden[0], 1e-30)
    for (a, b) in zip(own, golden).dropFirst() {
      worst = max(worst, abs(a - b) / max(abs(b), typical, 1e-30))
    }
    return worst
  }

  /// The largest difference of two lists relative to the second's root mean square.
  static func deviation(_ values: [Float], from golden: [Float]) -> Double {
    guard values.count == golden.count else { return .infinity }
    let square = golden.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(golden.count)
    let scale = max(square.squareRoot(), 1e-30)
    return zip(values, golden).map { abs(Double($0) - Double($1)) / scale }.max() ?? 0
  }
}
