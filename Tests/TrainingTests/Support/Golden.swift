import Foundation

/// What PyTorch computed, made by Golden/make_golden.py.
struct Golden: Decodable, Sendable {
  struct GradNormStep: Decodable, Sendable {
    var losses: [Double]
    var norms: [Double]
    var weights: [Double]
  }
  struct Surgery: Decodable, Sendable {
    var gradients: [[Double]]
    var orders: [[Int]]
    var sum: [Double]
  }
  struct FAMOStep: Decodable, Sendable {
    var losses: [Double]
    var weights: [Double]
  }
  struct Impartial: Decodable, Sendable {
    var gradients: [[Double]]
    var alpha: [Double]
  }
  struct Metrics: Decodable, Sendable {
    var age: [Float]
    var predicted: [Float]
    var mae: Double
    var rmse: Double
    var bias: Double
    var within: [Double]
    var decades: [[Double]]
    var gender: [Float]
    var logits: [Float]
    var auc: Double
    var accuracy: Double
    var balanced: Double
    var f1: Double
    var race: [Float]
    var rows: [Float]
    var confusion: [[Int]]
    var raceAccuracy: Double
    var raceBalanced: Double
    var macroF1: Double
  }

  /// Rows of learning rate and momentum.
  var oneCycle: [[Double]]
  var oneCycleCustom: [[Double]]
  var oneCycleStill: [[Double]]
  var step: [Double]
  var cosine: [Double]
  /// Rows of the whole objective and each task's factor.
  var uncertainty: [[Double]]
  var gradnorm: [GradNormStep]
  var dwa: [Double]
  var gls: Double
  var pcgrad: [Surgery]
  var famo: [FAMOStep]
  var imtlG: [Impartial]
  var metrics: Metrics

  static func load() throws -> Golden {
    guard
      let url = Bundle.module.url(
        forResource: "golden", withExtension: "json", subdirectory: "Golden")
    else { throw CocoaError(.fileNoSuchFile) }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Golden.self, from: Data(contentsOf: url))
  }
}

/// Whether two numbers agree to `tolerance`, relative to the larger or to 1.
func close(_ a: Double, _ b: Double, _ tolerance: Double = 1e-12) -> Bool {
  abs(a - b) <= tolerance * max(1, max(abs(a), abs(b)))
}
