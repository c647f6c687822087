/// Pixels by which two photographs are compared: a sample reduced to at most 32 × 32 areas, in
/// three colors.
package struct PixelSignature: Equatable, Sendable {
  private static let largestEdge = 32

  private let values: [UInt8]
  private let sum: Int
  /// n Σ v² − (Σ v)²: the variance, times n².
  private let spread: Int

  /// - Parameter planes: planar R, G, B, 3 × size × size bytes.
  package init(planes: UnsafePointer<UInt8>, size: Int) {
    let edge = min(size, Self.largestEdge)
    if size == edge {
      values = Array(UnsafeBufferPointer(start: planes, count: 3 * size * size))
    } else {
      values = Self.reduced(planes, size: size, edge: edge)
    }
    sum = values.reduce(0) { $0 + Int($1) }
    spread = values.count * Self.product(values, values) - sum * sum
  }

  /// Means of areas whose borders are whole pixels.
  private static func reduced(_ planes: UnsafePointer<UInt8>, size: Int, edge: Int) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(3 * edge * edge)
    for plane in 0..<3 {
      for y in 0..<edge {
        let rows = (y * size / edge)..<((y + 1) * size / edge)
        for x in 0..<edge {
          let columns = (x * size / edge)..<((x + 1) * size / edge)
          var sum = 0
          for row in rows {
            for column in columns { sum += Int(planes[(plane * size + row) * size + column]) }
          }
          result.append(UInt8(sum / (rows.count * columns.count)))
        }
      }
    }
    return result
  }

  private static func product(_ a: [UInt8], _ b: [UInt8]) -> Int {
    // At most 3 · 32 · 32 products of 16 bits: 32 bits hold them.
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        var sum: UInt32 = 0
        for i in 0..<a.count { sum &+= UInt32(a[i]) &* UInt32(b[i]) }
        return Int(sum)
      }
    }
  }

  /// Pearson's correlation of all pixels of all colors; 0 where one of the two is of one value.
  ///
  /// - Precondition: both were made of samples of one size.
  package func correlation(with other: Self) -> Double {
    precondition(values.count == other.values.count, "samples of one size")
    guard spread > 0, other.spread > 0 else { return 0 }
    let together = values.count * Self.product(values, other.values) - sum * other.sum
    return Double(together) / (Double(spread).squareRoot() * Double(other.spread).squareRoot())
  }
}
