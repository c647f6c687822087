import Tensors

/// Which parameters a sum over gradients covers.
package enum GradientScope: Hashable, Sendable {
  /// Everything that is not frozen.
  case all
  /// What all tasks share: the trunk, and MTAN's encoders.
  case trunk
  /// What is one task's, by the task's index: its head, and its attention.
  case head(Int)
}

/// The gradients of all parameters of a model: one flat allocation, laid out as the parameters.
///
/// Taps that never meet their map have no gradient and no memory. Sums are taken over fixed pieces
/// in a fixed order, so that they are the same for any number of threads.
package final class GradientArena {
  let values: AlignedBuffer
  private let runner: RegionRunner
  private let ranges: (GradientScope) -> [Range<Int>]

  init(
    floatCount: Int, runner: RegionRunner, ranges: @escaping (GradientScope) -> [Range<Int>]
  ) throws {
    values = try AlignedBuffer(count: floatCount)
    self.runner = runner
    self.ranges = ranges
  }

  /// The Euclidean norm of the gradients in a scope.
  package func norm(_ scope: GradientScope = .all) -> Float {
    Float(product(with: self, ranges(scope)).squareRoot())
  }

  /// The scalar product with another model state's gradients, as in PCGrad.
  package func dot(_ other: GradientArena, _ scope: GradientScope = .all) -> Double {
    product(with: other, ranges(scope))
  }

  /// Multiplies the gradients in a scope, as in clipping.
  package func scale(by factor: Float, _ scope: GradientScope = .all) {
    let pointer = values.pointer
    forEachPiece(ranges(scope)) { range in
      for i in range { pointer[i] *= factor }
    }
  }

  /// Adds `factor` times the gradients of another arena.
  package func add(
    _ other: GradientArena, scaledBy factor: Float = 1, _ scope: GradientScope = .all
  ) {
    let pointer = values.pointer
    let source = other.values.pointer
    forEachPiece(ranges(scope)) { range in
      for i in range { pointer[i] += factor * source[i] }
    }
  }

  /// Copies the gradients of another arena.
  package func copy(_ other: GradientArena, _ scope: GradientScope = .all) {
    let pointer = values.pointer
    let source = other.values.pointer
    forEachPiece(ranges(scope)) { range in
      (pointer + range.lowerBound).update(from: source + range.lowerBound, count: range.count)
    }
  }

  /// Sets the gradients to zero.
  package func clear(_ scope: GradientScope = .all) {
    let pointer = values.pointer
    forEachPiece(ranges(scope)) { range in
      (pointer + range.lowerBound).update(repeating: 0, count: range.count)
    }
  }

  func norm(of ranges: [Range<Int>]) -> Float {
    Float(product(with: self, ranges).squareRoot())
  }

  private func product(with other: GradientArena, _ ranges: [Range<Int>]) -> Double {
    let pieces = GradientArena.pieces(ranges)
    var sums = [Double](repeating: 0, count: pieces.count)
    let a = values.pointer
    let b = other.values.pointer
    sums.withUnsafeMutableBufferPointer { sums in
      let out = sums
      runner.forEach(count: pieces.count, phase: .optimizer) { piece, _ in
        out[piece] = dotProduct(a, b, pieces[piece])
      }
    }
    return sums.reduce(0, +)
  }

  private func forEachPiece(_ ranges: [Range<Int>], _ body: (Range<Int>) -> Void) {
    let pieces = GradientArena.pieces(ranges)
    runner.forEach(count: pieces.count, phase: .optimizer) { piece, _ in body(pieces[piece]) }
  }

  /// Cuts ranges into pieces of at most 64 Ki floats, or another number.
  static func pieces(_ ranges: [Range<Int>], ofAtMost count: Int = 1 << 16) -> [Range<Int>] {
    ranges.flatMap { range in
      stride(from: range.lowerBound, to: range.upperBound, by: count).map {
        $0..<min($0 + count, range.upperBound)
      }
    }
  }
}

/// Σ a[i]·b[i] over a range, in lanes of double precision.
func dotProduct(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ range: Range<Int>) -> Double
{
  var low = SIMD8<Double>.zero
  var high = SIMD8<Double>.zero
  var i = range.lowerBound
  while i + Lanes.scalarCount <= range.upperBound {
    // Products in double precision: exact, and no overflow where a norm is asked of large values.
    let x = load(a + i)
    let y = load(b + i)
    low.addProduct(SIMD8<Double>(x.lowHalf), SIMD8<Double>(y.lowHalf))
    high.addProduct(SIMD8<Double>(x.highHalf), SIMD8<Double>(y.highHalf))
    i += Lanes.scalarCount
  }
  var sum = (low + high).sum()
  while i < range.upperBound {
    sum += Double(a[i]) * Double(b[i])
    i += 1
  }
  return sum
}
