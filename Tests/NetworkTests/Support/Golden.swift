import Experiment
import Foundation
import Network
import Testing

/// What `make_golden.py` wrote.
enum Golden {
  struct Step: Decodable, CustomTestStringConvertible {
    let model: String?
    let architecture: String
    /// A key of the cases without the max-pool alone.
    let stemPool: String?
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
    var trunk: TrunkArchitecture? {
      TrunkArchitecture.allCases.first { architecture == "resnet\($0.rawValue)" }
    }
    var pool: StemPool? { StemPool(rawValue: stemPool ?? "max") }
    var testDescription: String {
      "\(model ?? "") \(architecture), pool \(stemPool ?? "max"), \(batch) of \(size[0])×\(size[1])"
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

  /// The norm of a tensor and its products with four vectors of random signs, as the script takes
  /// them: every entry is in all of them, and two tensors' products differ by about the norm of their
  /// difference.
  static func sketch(_ values: [Float]) -> [Double] {
    var square = 0.0
    var products = [Double](repeating: 0, count: 4)
    for (index, value) in values.enumerated() {
      // SplitMix64.
      var z = (UInt64(index) &+ 1) &* 0x9E37_79B9_7F4A_7C15
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      z ^= z >> 31
      square += Double(value) * Double(value)
      for bit in 0..<4 {
        products[bit] += z >> (60 + UInt64(bit)) & 1 == 0 ? Double(value) : -Double(value)
      }
    }
    return [square.squareRoot()] + products
  }

  /// The largest deviation of a tensor's sketch, relative to the tensor's norm.
  static func deviation(_ values: [Float], from golden: [Double]) -> Double {
    zip(sketch(values), golden).map { abs($0 - $1) / max(golden[0], 1e-30) }.max() ?? .infinity
  }

  /// The largest difference of two lists relative to the second's root mean square.
  static func deviation(_ values: [Float], from golden: [Float]) -> Double {
    guard values.count == golden.count else { return .infinity }
    let square = golden.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(golden.count)
    let scale = max(square.squareRoot(), 1e-30)
    return zip(values, golden).map { abs(Double($0) - Double($1)) / scale }.max() ?? 0
  }
}
