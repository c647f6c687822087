/// A one-dimensional correlation with three taps, of several neighboring outputs at once, in fewer
/// multiplications than outputs × taps: sums are formed first (Winograd, "Arithmetic Complexity of
/// Computations", 1980; for networks: Lavin, Gray, "Fast Algorithms for Convolutional Neural
/// Networks", CVPR 2016).
///
///     y = Aᵀ [(G w) ⊙ (Bᵀ x)]
///
/// Both of its gradients are the transposed algorithm, with as many multiplications:
///
///     dx = B [(G w) ⊙ (A dy)]        dw = Gᵀ [(Bᵀ x) ⊙ (A dy)]
///
/// In two dimensions every step runs along columns and then along rows.
package protocol MinimalFilter {
  /// Bᵀ and B.
  associatedtype Input: FilterStep
  associatedtype InputGradient: FilterStep
  /// Aᵀ and A.
  associatedtype Output: FilterStep
  associatedtype OutputGradient: FilterStep
  /// G and Gᵀ.
  associatedtype Weight: FilterStep
  associatedtype WeightGradient: FilterStep
}

/// One of the small matrices of a minimal filter, as straight-line code on lanes.
package protocol FilterStep {
  /// Values that the step reads, and that it makes.
  static var count: Int { get }
  static var resultCount: Int { get }

  /// Reads `load(i)` for i below `count`, and calls `store(i, value)` once for every i below
  /// `resultCount`.
  static func run(_ load: (Int) -> Lanes, _ store: (Int, Lanes) -> Void)
}

extension FilterStep {
  /// Applies the step along both sides of a square: `load(y, x)`, then `store(p, q, value)`.
  ///
  /// - Parameter between: room for count · resultCount lanes.
  @inline(__always)
  package static func runBoth(
    between: UnsafeMutablePointer<Lanes>, _ load: (Int, Int) -> Lanes,
    _ store: (Int, Int, Lanes) -> Void
  ) {
    // SAFETY: steps index below their counts.
    for x in 0..<count {
      run({ load($0, x) }, { between[$0 &* count &+ x] = $1 })
    }
    for p in 0..<resultCount {
      run({ between[p &* count &+ $0] }, { store(p, $0, $1) })
    }
  }
}

/// Two outputs of two inputs with zeros around them, a map of side 2, in three multiplications
/// instead of four:
///
///     w₁(x₀+x₁), (w₂-w₁)x₁, (w₀-w₁)x₀
///
/// Only sums: the error is that of the direct product.
package enum PairFilter: MinimalFilter {
  package enum Input: FilterStep {
    package static let count = 2
    package static let resultCount = 3

    @inline(__always)
    package static func run(_ load: (Int) -> Lanes, _ store: (Int, Lanes) -> Void) {
      let (x0, x1) = (load(0), load(1))
      store(0, x0 + x1)
      store(1, x1)
      store(2, x0)
    }
  }

  package enum InputGradient: FilterStep {
    package static let count = 3
    package static let resultCount = 2

    @inline(__always)
    package static func run(_ load: (Int) -> Lanes, _ store: (Int, Lanes) -> Void) {
      let sum = load(0)
      store(0, sum + load(2))
      store(1, sum + load(1))
    }
  }

  package enum Output: FilterStep {
    package static let count = 3
    package static let resultCount = 2

    @inline(__always)
    package static func run(_ load: (Int) -> Lanes, _ store: (Int, Lanes) -> Void) {
      let middle = load(0)
      store(0, middle + load(1))
      store(1, middle + load(2))
    }
  }

  package enum OutputGradient: FilterStep {
    package static let count = 2
    package static let resultCount = 3

    @inline(__always)
    package static func run(_ load: (Int) -> Lanes, _ store: (Int, Lanes) -> Void) {
      let (y0, y1) = (load(0), load(1))
      store(0, y0 + y1)
      store(1, y0)
      store(2, y1)
    }
  }

  package enum Weight: FilterStep {
    package static let count = 3
    package static let resultCount = 3

    @inline(__always)
    package static func run(_ load: (Int) -> Lanes, _ store: (Int, Lanes) -> Void) {
      let middle = load(1)
      store(0, middle)
      store(1, load(2) - middle)
      store(2, load(0) - middle)
    }
  }

  package enum WeightGradient: FilterStep {
    package static let count = 3
    package static let resultCount = 3

    @inline(__always)
    package static func run(_ load: (Int) -> Lanes, _ store: (Int, Lanes) -> Void) {
      let (u1, u2) = (load(1), load(2))
      store(0, u2)
      store(1, load(0) - u1 - u2)
      store(2, u1)
    }
  }
}

/// Four outputs of six inputs in six multiplications instead of twelve: F(4, 3) with the points 0,
/// ±5/8, ±3/2 and ∞.
///
/// The points are chosen for accuracy: on random data the error of a convolution was 6e-7 of the
/// result's size, against 13e-7 with the usual 0, ±1, ±2, ∞, and 3e-7 for the direct product in
/// float (Benchmarks/parity/points.py). The coefficients of both activation transforms are exact in
/// binary.
package enum QuadFilter: MinimalFilter {
  /// The points, and the factors that products of their differences leave: 1 / (2a²(a²-b²)).
  fileprivate static let a: Float = 5 / 8
  fileprivate static let b: Float = 3 / 2
  fileprivate static let a2 = a * a
  fileprivate static let b2 = b * b
  fileprivate static let scale0 = 1 / (a2 * b2)
  fileprivate static let scaleA = 1 / (2 * a2 * (a2 - b2))
  fileprivate static let scaleB = 1 / (2 * b2 * (b2 - a2))

  package enum Input: FilterStep {
    package static let count = 6
    package static let resultCount = 6

    @inline(__always)
    package static func run(_ load: (Int) -> Lanes, _ store: (Int, Lanes) -> Void) {
      let (x1, x2, x3, x4) = (load(1), load(2), load(3), load(4))
      store(0, x4.addingProduct(load(0), lanes(a2 * b2)).addingProduct(x2, lanes(-a2 - b2)))
      let evenA = x4.addingProduct(x2, lanes(-b2))
      let oddA = x3.addingProduct(x1, lanes(-b2))
      store(1, evenA.addingProduct(oddA, lanes(a)))
      store(2, evenA.addingProduct(oddA, lanes(-a)))
      let evenB = x4.addingProduct(x2, lanes(-a2))
      let oddB = x3.addingProduct(x1, lanes(-a2))
      store(3, evenB.addingProduct(oddB, lanes(b)))
      store(4, evenB.addingProduct(oddB, lanes(-b)))
      store(5, load(5).addingProduct(x1, lanes(a2 * b2)).addingProduct(x3, lanes(-a2 - b2)))
    }
  }

  package enum InputGradient: FilterStep {
    package static let count = 6
    package static let resultCount = 6

    @inline(__always)
    package static func run(_ load: (Int) -> Lanes, _ store: (Int, Lanes) -> Void) {
      let (v0, v5) = (load(0), load(5))
      let sumA = load(1) + load(2)
      let differenceA = (load(1) - load(2)) * lanes(a)
      let sumB = load(3) + load(4)
      let differenceB = (load(3) - load(4)) * lanes(b)
      store(0, v0 * lanes(a2 * b2))
      store(
        1,
        (v5 * lanes(a2 * b2)).addingProduct(differenceA, lanes(-b2))
          .addingProduct(differenceB, lanes(-a2)))
      store(
        2,
        (v0 * lanes(-a2 - b2)).addingProduct(sumA, lanes(-b2)).addingProduct(sumB, lanes(-a2)))
      store(3, (differenceA + differenceB).addingProduct(v5, lanes(-a2 - b2)))
      store(4, v0 + sumA + sumB)
      store(5, v5)
    }
  }

  package enum Output: FilterStep {
    package static let count = 6
    package static let resultCount = 4

    @inline(__always)
    package static func run(_ load: (Int) -> Lanes, _ store: (Int, Lanes) -> Void) {
      let sumA = load(1) + load(2)
      let differenceA = (load(1) - load(2)) * lanes(a)
      let sumB = load(3) + load(4)
      let differenceB = (load(3) - load(4)) * lanes(b)
      store(0, load(0) + sumA + sumB)
      store(1, differenceA + differenceB)
      store(2, (sumA * lanes(a2)).addingProduct(sumB, lanes(b2)))
      store(
        3, load(5).addingProduct(differenceA, lanes(a2)).addingProduct(differenceB, lanes(b2)))
    }
  }

  package enum OutputGradient: FilterStep {
    package static let count = 4
    package static let resultCount = 6

    @inline(__always)
    package static func run(_ load: (Int) -> Lanes, _ store: (Int, Lanes) -> Void) {
      let (y0, y1, y2, y3) = (load(0), load(1), load(2), load(3))
      store(0, y0)
      let evenA = y0.addingProduct(y2, lanes(a2))
      let oddA = y1.addingProduct(y3, lanes(a2))
      store(1, evenA.addingProduct(oddA, lanes(a)))
      store(2, evenA.addingProduct(oddA, lanes(-a)))
      let evenB = y0.addingProduct(y2, lanes(b2))
      let oddB = y1.addingProduct(y3, lanes(b2))
      store(3, evenB.addingProduct(oddB, lanes(b)))
      store(4, evenB.addingProduct(oddB, lanes(-b)))
      store(5, y3)
    }
  }

  package enum Weight: FilterStep {
    package static let count = 3
    package static let resultCount = 6

    @inline(__always)
    package static func run(_ load: (Int) -> Lanes, _ store: (Int, Lanes) -> Void) {
      let (w0, w1, w2) = (load(0), load(1), load(2))
      store(0, w0 * lanes(scale0))
      let evenA = w0.addingProduct(w2, lanes(a2)) * lanes(scaleA)
      let oddA = w1 * lanes(a * scaleA)
      store(1, evenA + oddA)
      store(2, evenA - oddA)
      let evenB = w0.addingProduct(w2, lanes(b2)) * lanes(scaleB)
      let oddB = w1 * lanes(b * scaleB)
      store(3, evenB + oddB)
      store(4, evenB - oddB)
      store(5, w2)
    }
  }

  package enum WeightGradient: FilterStep {
    package static let count = 6
    package static let resultCount = 3

    @inline(__always)
    package static func run(_ load: (Int) -> Lanes, _ store: (Int, Lanes) -> Void) {
      let sumA = (load(1) + load(2)) * lanes(scaleA)
      let differenceA = (load(1) - load(2)) * lanes(a * scaleA)
      let sumB = (load(3) + load(4)) * lanes(scaleB)
      let differenceB = (load(3) - load(4)) * lanes(b * scaleB)
      store(0, (sumA + sumB).addingProduct(load(0), lanes(scale0)))
      store(1, differenceA + differenceB)
      store(2, load(5).addingProduct(sumA, lanes(a2)).addingProduct(sumB, lanes(b2)))
    }
  }

  @inline(__always) fileprivate static func lanes(_ value: Float) -> Lanes {
    Lanes(repeating: value)
  }
}
