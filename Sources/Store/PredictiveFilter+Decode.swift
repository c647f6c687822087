/// Undoing the filter. A pixel waits for its left neighbor, so a row cannot be undone with vector
/// instructions; a *diagonal* can: sixteen rows run side by side, each one pixel behind the row
/// above it. Lane j of step t is then column t − j of row j, its upper neighbor is what lane
/// j − 1 gave one step ago, and the three planes, which do not depend on each other, hide the
/// latency of the chain. Turning rows into diagonals and back is a 16 × 16 transposition of rows
/// that are read, and written, at an offset of −j.
extension PredictiveFilter {
  /// Working memory for one image shape, reused from sample to sample by one thread.
  package final class DecodeScratch {
    let width: Int
    let height: Int
    /// Bytes from one row of `planes` to the next: 16 before the row, and what the last diagonal
    /// block overshoots behind it.
    let stride: Int
    let planeStride: Int
    /// Where the residuals are to be put: 3 × height × width bytes, with room on both sides for
    /// reads outside the image.
    package let residuals: UnsafeMutablePointer<UInt8>
    private let residualBase: UnsafeMutablePointer<UInt8>
    /// Three decoded planes, each after one row of zeros above the image.
    let planes: UnsafeMutablePointer<UInt8>
    private let planeBase: UnsafeMutablePointer<UInt8>
    let columns: UnsafeMutablePointer<Lanes>

    package init(width: Int, height: Int) {
      self.width = width
      self.height = height
      let bands = (height + 15) / 16
      stride = 16 + (width + 15 + 15) / 16 * 16 + 16
      planeStride = stride * (bands * 16 + 1)
      let residualCount = 3 * width * height + 16 * width + 128
      residualBase = .allocate(capacity: residualCount)
      residualBase.initialize(repeating: 0, count: residualCount)
      residuals = residualBase + 64
      planeBase = .allocate(capacity: 3 * planeStride + 64)
      planeBase.initialize(repeating: 0, count: 3 * planeStride + 64)
      planes = planeBase + 16
      columns = .allocate(capacity: 3 * 16)
      columns.initialize(repeating: Lanes(), count: 3 * 16)
    }

    deinit {
      residualBase.deallocate()
      planeBase.deallocate()
      columns.deallocate()
    }
  }

  /// Undoes the filter on `scratch.residuals`.
  ///
  /// - Parameter output: planar R, G, B, 3 × height × width bytes.
  package static func decode(
    _ scratch: DecodeScratch, into output: UnsafeMutablePointer<UInt8>
  ) {
    let width = scratch.width
    let blocks = (width + 15 + 15) / 16
    for band in 0..<(scratch.height + 15) / 16 {
      var state = (Chain(), Chain(), Chain())
      for block in 0..<blocks {
        decodeBlock(scratch, band: band, firstStep: block * 16, &state)
      }
    }
    recombine(scratch, into: output)
  }

  /// What a diagonal leaves to the next one: its own values, and the upper neighbors it had,
  /// which are the next one's upper-left neighbors.
  private struct Chain {
    var west = Lanes()
    var northWest = Lanes()
  }

  @inline(__always)
  private static func decodeBlock(
    _ scratch: DecodeScratch, band: Int, firstStep: Int, _ state: inout (Chain, Chain, Chain)
  ) {
    let width = scratch.width
    let planeCount = width * scratch.height
    let columns = scratch.columns
    // SAFETY: reads reach from 15 bytes before a row to 31 behind one, and 15 rows below the last;
    // `DecodeScratch` has that room. What they find outside the image only meets lanes that are
    // outside the image as well.
    let source = scratch.residuals + band * 16 * width + firstStep
    for plane in 0..<3 {
      let rows = UnsafeRawPointer(source + plane * planeCount)
      transpose(into: columns + plane * 16) { j in
        let folded = rows.loadUnaligned(fromByteOffset: j * (width - 1), as: Lanes.self)
        return (folded &>> 1) ^ (0 &- (folded & 1))
      }
    }

    let target = scratch.planes + band * 16 * scratch.stride + firstStep
    let above0 = target
    let above1 = target + scratch.planeStride
    let above2 = target + 2 * scratch.planeStride
    var (chain0, chain1, chain2) = state
    if firstStep == 0 {
      for step in 0..<16 {
        // Lanes that have not entered their row yet see zeros to their left.
        let inside = Self.entered[step]
        chain0.west &= inside
        chain1.west &= inside
        chain2.west &= inside
        chain0.northWest &= inside
        chain1.northWest &= inside
        chain2.northWest &= inside
        advance(&chain0, columns + step, above: above0[step])
        advance(&chain1, columns + 16 + step, above: above1[step])
        advance(&chain2, columns + 32 + step, above: above2[step])
      }
    } else {
      for step in 0..<16 {
        advance(&chain0, columns + step, above: above0[step])
        advance(&chain1, columns + 16 + step, above: above1[step])
        advance(&chain2, columns + 32 + step, above: above2[step])
      }
    }
    state = (chain0, chain1, chain2)

    let stride = scratch.stride
    for plane in 0..<3 {
      // Row 0 of `planes` is the row above the image, so row j of the band is one further down.
      let rows = UnsafeMutableRawPointer(target + plane * scratch.planeStride + stride)
      let values = columns + plane * 16
      transpose(into: values) { j in values[j] }
      for j in 0..<16 {
        rows.storeBytes(of: values[j], toByteOffset: j * (stride - 1), as: Lanes.self)
      }
    }
  }

  /// Lane j of entry t is all ones if t > j: by step t its row has begun.
  private static let entered: [Lanes] = (0..<16).map { step in
    var mask = Lanes()
    for lane in 0..<16 where lane < step { mask[lane] = 255 }
    return mask
  }

  @inline(__always)
  private static func advance(
    _ chain: inout Chain, _ value: UnsafeMutablePointer<Lanes>, above: UInt8
  ) {
    let west = chain.west
    let north = shiftedUp(west, first: above)
    let isLower = west .< north
    let low = north.replacing(with: west, where: isLower)
    let high = west.replacing(with: north, where: isLower)
    let capped = high.replacing(with: chain.northWest, where: chain.northWest .< high)
    let clamped = low.replacing(with: capped, where: low .< capped)
    let result = (value.pointee &+ west &+ north) &- clamped
    value.pointee = result
    chain.west = result
    chain.northWest = north
  }

  @inline(__always)
  private static func shiftedUp(_ v: Lanes, first: UInt8) -> Lanes {
    Lanes(
      first, v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], v[10], v[11], v[12],
      v[13], v[14])
  }

  /// Four rounds of perfect shuffles turn sixteen rows of sixteen bytes into columns.
  @inline(__always)
  private static func transpose(
    into output: UnsafeMutablePointer<Lanes>, _ row: (Int) -> Lanes
  ) {
    var a = InlineArray<16, Lanes>(row)
    var b = InlineArray<16, Lanes>(repeating: Lanes())
    for i in 0..<8 {
      b[2 * i] = BitTransposition.interleaveLow(a[i], a[i + 8])
      b[2 * i + 1] = BitTransposition.interleaveHigh(a[i], a[i + 8])
    }
    for i in 0..<8 {
      a[2 * i] = BitTransposition.interleaveLow(b[i], b[i + 8])
      a[2 * i + 1] = BitTransposition.interleaveHigh(b[i], b[i + 8])
    }
    for i in 0..<8 {
      b[2 * i] = BitTransposition.interleaveLow(a[i], a[i + 8])
      b[2 * i + 1] = BitTransposition.interleaveHigh(a[i], a[i + 8])
    }
    for i in 0..<8 {
      output[2 * i] = BitTransposition.interleaveLow(b[i], b[i + 8])
      output[2 * i + 1] = BitTransposition.interleaveHigh(b[i], b[i + 8])
    }
  }

  /// R = P₁ + G − 128, B = P₂ + G − 128, from the padded planes to the packed output.
  private static func recombine(
    _ scratch: DecodeScratch, into output: UnsafeMutablePointer<UInt8>
  ) {
    let width = scratch.width
    let planeCount = width * scratch.height
    let center = Lanes(repeating: 128)
    for y in 0..<scratch.height {
      let row = scratch.planes + (y + 1) * scratch.stride
      let green = UnsafeRawPointer(row)
      let red = UnsafeRawPointer(row + scratch.planeStride)
      let blue = UnsafeRawPointer(row + 2 * scratch.planeStride)
      let out = UnsafeMutableRawPointer(output + y * width)
      var x = 0
      // SAFETY: whole vectors end at or before the row's width.
      while x + 16 <= width {
        let g = green.loadUnaligned(fromByteOffset: x, as: Lanes.self)
        let r = red.loadUnaligned(fromByteOffset: x, as: Lanes.self)
        let b = blue.loadUnaligned(fromByteOffset: x, as: Lanes.self)
        let offset = g &- center
        out.storeBytes(of: r &+ offset, toByteOffset: x, as: Lanes.self)
        out.storeBytes(of: g, toByteOffset: x + planeCount, as: Lanes.self)
        out.storeBytes(of: b &+ offset, toByteOffset: x + 2 * planeCount, as: Lanes.self)
        x += 16
      }
      while x < width {
        let offset = row[x] &- 128
        output[y * width + x] = row[x + scratch.planeStride] &+ offset
        output[y * width + x + planeCount] = row[x]
        output[y * width + x + 2 * planeCount] = row[x + 2 * scratch.planeStride] &+ offset
        x += 1
      }
    }
  }
}
