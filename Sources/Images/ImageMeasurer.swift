/// Measures images; one belongs to one thread and keeps its memory.
///
/// The image is read once: its rows are added up by sixteenths of the height, and the sums by
/// sixteenths of the width. Everything but the sharpness comes from these 16 × 16 means, and the
/// sharpness from at most 24 of the rows.
package final class ImageMeasurer {
  private static let grid = 16
  private typealias Row = SIMD16<Int32>
  /// 16 bits hold the sum of that many bytes.
  private static let rowsPerSum = 256
  private static let sharpnessRows = 24

  private var sums = [UInt16]()
  private var totals = [UInt32]()
  /// Means of areas in 1/256 of a level: row of the grid, then R, G, B.
  private var means = [(red: Row, green: Row, blue: Row)](
    repeating: (Row(), Row(), Row()), count: grid)

  package init() {}

  package func measure(_ image: RGBView) -> ImageMeasures {
    var measures = ImageMeasures()
    measures.width = UInt32(image.width)
    measures.height = UInt32(image.height)
    findMeans(image)
    measureColors(into: &measures)
    measures.perceptualHash = hash()
    measures.sharpness = sharpness(image)
    return measures
  }

  private func findMeans(_ image: RGBView) {
    let rowSize = 3 * image.width
    if sums.count < rowSize {
      sums = [UInt16](repeating: 0, count: rowSize)
      totals = [UInt32](repeating: 0, count: rowSize)
    }
    for band in 0..<Self.grid {
      let rows = Self.part(band, of: image.height)
      addRows(image, rows)
      // Blocks of fewer than 257 rows are the rule, and have their sums in 16 bits.
      if rows.count <= Self.rowsPerSum {
        sums.withUnsafeBufferPointer {
          means[band] = areas($0.baseAddress!, image.width, rows.count)
        }
      } else {
        totals.withUnsafeBufferPointer {
          means[band] = areas($0.baseAddress!, image.width, rows.count)
        }
      }
    }
  }

  /// The pixels of one of 16 parts of a length, at least one.
  private static func part(_ index: Int, of length: Int) -> Range<Int> {
    let start = index * length / grid
    return start..<max(start + 1, (index + 1) * length / grid)
  }

  /// Adds up each column of some rows: into `sums`, or into `totals` where these are too many.
  private func addRows(_ image: RGBView, _ rows: Range<Int>) {
    let rowSize = 3 * image.width
    let isLong = rows.count > Self.rowsPerSum
    sums.withUnsafeMutableBufferPointer { sums in
      totals.withUnsafeMutableBufferPointer { totals in
        guard let sum = sums.baseAddress, let total = totals.baseAddress else { return }
        if isLong { total.update(repeating: 0, count: rowSize) }
        var first = rows.lowerBound
        while first < rows.upperBound {
          let end = min(first + Self.rowsPerSum, rows.upperBound)
          sum.update(repeating: 0, count: rowSize)
          // SAFETY: every row below `end`, and `sums`, hold rowSize elements.
          var y = first
          // Four rows for each time that the sums are read and written.
          while y + 4 <= end {
            let row = image.pixels + y * rowSize
            let (second, third, fourth) = (row + rowSize, row + 2 * rowSize, row + 3 * rowSize)
            for x in 0..<rowSize {
              sum[x] &+=
                (UInt16(row[x]) &+ UInt16(second[x])) &+ (UInt16(third[x]) &+ UInt16(fourth[x]))
            }
            y += 4
          }
          while y < end {
            let row = image.pixels + y * rowSize
            for x in 0..<rowSize { sum[x] &+= UInt16(row[x]) }
            y += 1
          }
          if isLong { for x in 0..<rowSize { total[x] &+= UInt32(sum[x]) } }
          first = end
        }
      }
    }
  }

  /// - Parameter columns: three sums a column.
  @inline(__always)
  private func areas<Sum: FixedWidthInteger & UnsignedInteger>(
    _ columns: UnsafePointer<Sum>, _ width: Int, _ rowCount: Int
  ) -> (red: Row, green: Row, blue: Row) {
    // Not into lanes of a vector, which would be written as a whole each time.
    var lanes = InlineArray<48, Int32>(repeating: 0)
    var count = 0
    // 2^40 / count: a product instead of three divisions, and a result of which the last of 16 bits
    // may be one too small.
    var inverse = 0
    for index in 0..<Self.grid {
      let part = Self.part(index, of: width)
      if part.count * rowCount != count {
        count = part.count * rowCount
        inverse = ((1 << 40) + count - 1) / count
      }
      var (red, green, blue) = (0, 0, 0)
      // SAFETY: columns below the width.
      var column = columns + 3 &* part.lowerBound
      let end = columns + 3 &* part.upperBound
      while column < end {
        red &+= Int(truncatingIfNeeded: column[0])
        green &+= Int(truncatingIfNeeded: column[1])
        blue &+= Int(truncatingIfNeeded: column[2])
        column += 3
      }
      // At most 255 · 2^48, and the ceiling adds less than count.
      lanes[index] = Int32(truncatingIfNeeded: (red &* inverse) &>> 32)
      lanes[16 + index] = Int32(truncatingIfNeeded: (green &* inverse) &>> 32)
      lanes[32 + index] = Int32(truncatingIfNeeded: (blue &* inverse) &>> 32)
    }
    return lanes.span.withUnsafeBytes { bytes in
      (
        bytes.loadUnaligned(as: Row.self), bytes.loadUnaligned(fromByteOffset: 64, as: Row.self),
        bytes.loadUnaligned(fromByteOffset: 128, as: Row.self)
      )
    }
  }

  /// The luminance of a row of areas (ITU-R BT.601) in 1/256 of a level.
  private func luminance(_ row: Int) -> Row {
    let areas = means[row]
    return (areas.red &* 77 &+ areas.green &* 150 &+ areas.blue &* 29) &>> 8
  }

  private func measureColors(into measures: inout ImageMeasures) {
    var light = Moments()
    var redGreen = Moments()
    var yellowBlue = Moments()
    for row in 0..<Self.grid {
      let areas = means[row]
      light.add(luminance(row))
      redGreen.add(areas.red &- areas.green)
      yellowBlue.add((areas.red &+ areas.green) &>> 1 &- areas.blue)
    }
    measures.brightness = UInt16(clamping: light.mean)
    measures.contrast = UInt16(clamping: Self.root(light.variance))
    // std + 0.3 mean, both as lengths of a vector of the two opponent colors.
    let spread = Self.root(redGreen.variance + yellowBlue.variance)
    let offset = Self.root(redGreen.mean * redGreen.mean + yellowBlue.mean * yellowBlue.mean)
    measures.colorfulness = UInt16(clamping: spread + 3 * offset / 10)
  }

  /// Sums over the 256 areas.
  private struct Moments {
    private var sums = Row()
    /// Of values in 1/16 of a level: 16 squares of 24 bits.
    private var coarseSums = Row()
    private var squares = Row()

    @inline(__always)
    mutating func add(_ row: Row) {
      let coarse = row &>> 4
      sums &+= row
      coarseSums &+= coarse
      squares &+= coarse &* coarse
    }

    private static func total(_ row: Row) -> Int {
      row.indices.reduce(0) { $0 + Int(row[$1]) }
    }

    var mean: Int { Self.total(sums) / 256 }
    var variance: Int {
      let sum = Self.total(coarseSums)
      // 256 = 16²: from 1/16 of a level to 1/256.
      return Self.total(squares) - sum * sum / 256
    }
  }

  /// The integer part of a square root; IEEE's is exact, so every machine has the same.
  private static func root(_ value: Int) -> Int { Int(Double(max(0, value)).squareRoot()) }

  /// 1024 cos(π m / 32) for m from 0 to 16.
  private static let quarter: [Int32] = [
    1024, 1019, 1004, 980, 946, 903, 851, 792, 724, 650, 569, 483, 392, 297, 200, 100, 0,
  ]
  private static let highestFrequency = 10
  /// Frequency by frequency, the cosines at 16 places.
  private static let cosines: [Row] = (0...highestFrequency).map { frequency in
    var row = Row()
    for place in 0..<16 {
      let m = (2 * place + 1) * frequency % 64
      let half = m > 32 ? 64 - m : m
      row[place] = half > 16 ? -quarter[32 - half] : quarter[half]
    }
    return row
  }

  /// The signs of the first 64 coefficients of the discrete cosine transform, from low frequencies
  /// to high ones, without the mean.
  private func hash() -> UInt64 {
    let cosines = Self.cosines
    // In 1/16 of a level, and 10 bits of fraction dropped after the first pass: no sum is beyond
    // 16 · 4,080 · 1,024, which is below 2^31.
    var columns = InlineArray<11, Row>(repeating: Row())
    for row in 0..<Self.grid {
      let values = luminance(row) &>> 4
      for frequency in 0...Self.highestFrequency {
        columns[frequency] &+= values &* cosines[frequency][row]
      }
    }
    var hash: UInt64 = 0
    var bit: UInt64 = 0
    for diagonal in 1...Self.highestFrequency {
      for vertical in 0...diagonal where bit < 64 {
        let value = ((columns[vertical] &>> 10) &* cosines[diagonal - vertical]).wrappedSum()
        hash |= (value > 0 ? 1 : 0) << bit
        bit += 1
      }
    }
    return hash
  }

  /// The root mean square of 4c − l − r − u − d over evenly chosen rows.
  private func sharpness(_ image: RGBView) -> UInt16 {
    let rowSize = 3 * image.width
    let rowCount = min(Self.sharpnessRows, image.height - 2)
    guard rowCount > 0, image.width > 2 else { return 0 }
    var squares: UInt64 = 0
    for index in 0..<rowCount {
      let y = 1 + index * (image.height - 2) / rowCount
      squares &+= Self.laplacianSquares(UnsafeRawPointer(image.pixels + y * rowSize), rowSize)
    }
    let count = UInt64(rowCount) * UInt64(rowSize - 6)
    // 64 levels squared.
    return UInt16(clamping: Self.root(Int(squares * 4096 / count)))
  }

  /// SAFETY: a row of `rowSize` bytes with one above and one below it.
  private static func laplacianSquares(_ row: UnsafeRawPointer, _ rowSize: Int) -> UInt64 {
    var total: UInt64 = 0
    var x = 3
    let end = rowSize - 3
    while x + 16 <= end {
      // A square has at most 20 bits, so a lane holds 2 · 512 of them.
      var sums = SIMD8<UInt32>()
      var steps = 0
      while x + 16 <= end, steps < 512 {
        let value =
          load(row, x) &<< 2 &- load(row, x - 3) &- load(row, x + 3) &- load(row, x - rowSize)
          &- load(row, x + rowSize)
        let pairs = unsafeBitCast(value, to: SIMD8<Int32>.self)
        let (even, odd) = ((pairs &<< 16) &>> 16, pairs &>> 16)
        sums &+= unsafeBitCast(even &* even &+ odd &* odd, to: SIMD8<UInt32>.self)
        x += 16
        steps += 1
      }
      for lane in 0..<8 { total &+= UInt64(sums[lane]) }
    }
    while x < end {
      func byte(_ offset: Int) -> Int { Int(row.load(fromByteOffset: offset, as: UInt8.self)) }
      let value =
        4 * byte(x) - byte(x - 3) - byte(x + 3) - byte(x - rowSize) - byte(x + rowSize)
      total &+= UInt64(value * value)
      x += 1
    }
    return total
  }

  // Written out because SIMD16(truncatingIfNeeded:) is not inlined.
  @inline(__always)
  private static func load(_ row: UnsafeRawPointer, _ offset: Int) -> SIMD16<Int16> {
    let v = row.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
    return SIMD16(
      Int16(v[0]), Int16(v[1]), Int16(v[2]), Int16(v[3]), Int16(v[4]), Int16(v[5]), Int16(v[6]),
      Int16(v[7]), Int16(v[8]), Int16(v[9]), Int16(v[10]), Int16(v[11]), Int16(v[12]),
      Int16(v[13]), Int16(v[14]), Int16(v[15]))
  }
}
