import Experiment
import Kernels
import Network
import Tensors
import Testing

/// Training with products in bfloat16, beside the same in float. (`DeterminismTests` and others run in
/// every precision.) Where the processor has neither of
/// the instructions, only the refusal is tested.
@Suite struct BFloat16TrainingTests {
  static let isThere = TrainingPrecision.available.contains(.bf16)

  struct Case: Sendable, CustomTestStringConvertible {
    let kind: NetworkKind
    let count: Int
    let height: Int
    let width: Int
    var testDescription: String { "\(kind) \(count) × \(height)×\(width)" }
  }

  /// One chunk that is not full, blocks of unequal sizes, maps of other sides, one sample a chunk.
  static let cases = [
    Case(kind: .hydraNet, count: 10, height: 32, width: 32),
    Case(kind: .hydraNet, count: 75, height: 32, width: 32),
    Case(kind: .hydraNet, count: 9, height: 72, width: 40),
    Case(kind: .hydraNet, count: 3, height: 112, width: 112),
    Case(kind: .mtan, count: 10, height: 32, width: 32),
    Case(kind: .mtan, count: 9, height: 72, width: 40),
  ]

  private func fixture(_ test: Case, _ precision: TrainingPrecision) throws -> Fixture {
    try Fixture(
      kind: test.kind, count: test.count, height: test.height, width: test.width,
      precision: precision)
  }

  /// The whole gradient, and every convolution's, is near that of float. At random weights rounding
  /// weighs most: of the direct product 28 % of the gradient were found.
  @Test(.enabled(if: isThere, "needs AVX512-BF16 or AMX-BF16"), arguments: cases)
  func gradientsAreNearThoseOfFloat(_ test: Case) throws {
    let results = try TrainingPrecision.allCases.map { precision in
      let fixture = try fixture(test, precision)
      return (losses: try fixture.gradients(), gradients: fixture.net.exportGradients())
    }
    for (a, b) in zip(results[0].losses, results[1].losses) {
      #expect(abs(a - b) <= 0.02 * max(abs(a), 1))
    }
    var whole = SquareSums()
    for (a, b) in zip(results[0].gradients, results[1].gradients) {
      let sums = SquareSums(of: a, against: b)
      whole.add(sums)
      if sums.size == 0 {
        #expect(sums.difference == 0, "\(a.name)")
      } else if a.shape.count == 4 {
        #expect(sums.error < 0.6, "\(a.name)")
      }
    }
    #expect(whole.error < 0.4)
  }

  /// Sums over a gradient's squares, and over those of its difference from another.
  private struct SquareSums {
    var size = 0.0
    var difference = 0.0
    var error: Double { (difference / size).squareRoot() }

    init() {}

    init(of a: StateTensor, against b: StateTensor) {
      #expect(a.name == b.name)
      guard case .float32(let expected) = a.values, case .float32(let own) = b.values else {
        Issue.record("\(a.name): gradients are floats")
        return
      }
      for (x, y) in zip(expected, own) {
        size += Double(x) * Double(x)
        difference += (Double(x) - Double(y)) * (Double(x) - Double(y))
      }
    }

    mutating func add(_ other: SquareSums) {
      size += other.size
      difference += other.difference
    }
  }

  /// Evaluation multiplies floats: what training logs is what the weights give anywhere.
  @Test(.enabled(if: isThere, "needs AVX512-BF16 or AMX-BF16"), arguments: NetworkKind.allCases)
  func evaluationIsThatOfFloat(kind: NetworkKind) throws {
    let logits = try TrainingPrecision.allCases.map { precision in
      let fixture = try Fixture(kind: kind, count: 10, precision: precision)
      if precision == .bf16 { _ = try fixture.gradients() }
      try fixture.net.importTensors(
        fixture.net.stateDescription.map { Formula.tensor($0.name, $0.shape) })
      try fixture.net.forward(fixture.images.pointer, count: 10, training: false)
      return fixture.logits()
    }
    #expect(logits[0] == logits[1])
  }

  /// A processor without the instructions is told so, not given a slow or another answer.
  @Test(.enabled(if: !isThere, "this processor multiplies bfloat16"))
  func otherProcessorsAreRefused() {
    #expect(throws: BatchGEMMError.self) { try Fixture(count: 2, precision: .bf16) }
  }
}
