/// Undoes the five row filters of PNG (PNG specification, section 9, "Filtering").
enum PNGFilter {
  /// - Parameters:
  ///   - type: the filter byte of the row.
  ///   - row: `count` filtered bytes, replaced by the bytes of the image.
  ///   - above: the row above of the same pass, zeros for the first one.
  ///   - distance: bytes from a byte to its left neighbour.
  /// - Returns: false if there is no filter of this type.
  static func undo(
    _ type: UInt8, row: UnsafeMutablePointer<UInt8>, above: UnsafePointer<UInt8>, count: Int,
    distance: Int
  ) -> Bool {
    // SAFETY: both rows hold `count` bytes; a row may be shorter than one pixel's distance.
    let first = min(distance, count)
    switch type {
    case 0: break
    case 1:
      for i in first..<count { row[i] &+= row[i - distance] }
    case 2:
      for i in 0..<count { row[i] &+= above[i] }
    case 3:
      for i in 0..<first { row[i] &+= above[i] / 2 }
      for i in first..<count {
        let sum = UInt16(row[i - distance]) + UInt16(above[i])
        row[i] &+= UInt8(truncatingIfNeeded: sum / 2)
      }
    case 4:
      for i in 0..<first { row[i] &+= above[i] }
      for i in first..<count {
        row[i] &+= paeth(left: row[i - distance], above: above[i], corner: above[i - distance])
      }
    default: return false
    }
    return true
  }

  /// The neighbour nearest to left + above - corner; ties go to left, then above.
  @inline(__always)
  private static func paeth(left: UInt8, above: UInt8, corner: UInt8) -> UInt8 {
    let a = Int(left)
    let b = Int(above)
    let c = Int(corner)
    let toLeft = abs(b - c)
    let toAbove = abs(a - c)
    let toCorner = abs(a + b - 2 * c)
    if toLeft <= toAbove && toLeft <= toCorner { return left }
    return toAbove <= toCorner ? above : corner
  }
}
