/// Resizes interleaved RGB to a square and writes it planar, byte for byte as Pillow's
/// `image.resize((size, size), Image.BILINEAR)`.
///
/// ```swift
/// let resampler = Resampler(outputSize: 32)
/// resampler.resample(view, into: planes)   // 3 * 32 * 32 bytes: R, G, B planes
/// ```
///
/// The filter is separable: first along the rows, rounded to 8 bits, then along the columns (the
/// other way round for tall images, as ``filtersColumnsFirst(width:height:)`` says). Both passes do
/// the same: lines are interleaved, so that a vector lane is a line, and every output is a
/// weighted sum of vectors. One resampler belongs to one thread; it keeps its tables and its
/// intermediate memory.
package final class Resampler {
  typealias Kernel = ResampleKernel

  /// Width and height of the result.
  package let outputSize: Int
  private var tables = [Int: ResampleTable]()
  private let narrowed = ScratchBuffer()
  private let interleaved = ScratchBuffer()
  private let shortened = ScratchBuffer()
  private var rowSums = [Int32]()

  /// Tables for images of at most this many different sizes are kept.
  private let tableLimit = 256

  package init(outputSize: Int) {
    precondition(outputSize > 0, "the output has at least one pixel")
    self.outputSize = outputSize
  }

  /// Bytes that one result takes: three planes.
  package var outputByteCount: Int { 3 * outputSize * outputSize }

  /// Resizes `image` into `planes`, which holds ``outputByteCount`` bytes: all red, all green, all
  /// blue, each row by row.
  package func resample(_ image: RGBView, into planes: UnsafeMutableBufferPointer<UInt8>) {
    precondition(planes.count >= outputByteCount, "three planes of \(outputSize)^2 bytes")
    precondition(image.width > 0 && image.height > 0, "an image has at least one pixel")
    guard let output = planes.baseAddress else { return }
    if image.width == outputSize && image.height == outputSize {
      Planes.split(image.pixels, count: outputSize * outputSize, into: output)
    } else if filtersColumnsFirst(width: image.width, height: image.height) {
      // The result is as high as it shall be; filtering its columns once more changes nothing,
      // since a line of unchanged length has one weight of 1 per output.
      filter(shorten(image), into: output)
    } else {
      filter(image, into: output)
    }
  }

  /// Whether Pillow filters the columns of an image first, which is cheaper if its height shrinks
  /// by more than twice what its width does. So from Pillow 13.0 on; earlier versions always begin
  /// with the rows, which may differ by 1 in some pixels. Square images are not concerned.
  func filtersColumnsFirst(width: Int, height: Int) -> Bool {
    height - outputSize > 2 * max(width - outputSize, 0)
  }

  private func filter(_ image: RGBView, into output: UnsafeMutablePointer<UInt8>) {
    // A column of the narrowed image is a line of the second pass: a byte per row.
    let stride = rounded(image.height)
    let narrow = narrowed.reserve(3 * rounded(outputSize) * stride)
    filterRows(image, into: narrow, stride: stride)
    filterColumns(narrow, stride: stride, height: image.height, into: output)
  }

  /// Filters the columns of `image` alone: as wide as before, as high as the output.
  private func shorten(_ image: RGBView) -> RGBView {
    let table = table(image.height)
    let rowSize = 3 * image.width
    let result = shortened.reserve(rowSize * outputSize)
    if rowSums.count < rowSize { rowSums = [Int32](repeating: 0, count: rowSize) }
    rowSums.withUnsafeMutableBufferPointer { sums in
      for y in 0..<outputSize {
        // SAFETY: `sums` and each row hold `rowSize` elements; the table stays within the rows.
        for i in 0..<rowSize { sums[i] = 1 << (ResampleTable.precision - 1) }
        for tap in 0..<table.tapCount {
          let weight = table.weights[y * table.tapCount + tap]
          let row = image.pixels + (table.firsts[y] + tap) * rowSize
          for i in 0..<rowSize { sums[i] &+= Int32(row[i]) &* weight }
        }
        let target = result + y * rowSize
        for i in 0..<rowSize {
          target[i] = UInt8(truncatingIfNeeded: sums[i] >> ResampleTable.precision)
        }
      }
    }
    return RGBView(pixels: result, width: image.width, height: outputSize)
  }

  /// First pass: row y of output column x and channel c goes to
  /// `narrow[(c * rounded(outputSize) + x) * stride + y]`.
  private func filterRows(
    _ image: RGBView, into narrow: UnsafeMutablePointer<UInt8>, stride: Int
  ) {
    let table = table(image.width)
    let plane = rounded(outputSize) * stride
    let rowSize = 3 * image.width
    let scratch = reserve(rowSize)
    table.weights.withUnsafeBufferPointer { weights in
      table.firsts.withUnsafeBufferPointer { firsts in
        guard let start = weights.baseAddress else { return }
        let tapCount = table.tapCount
        for top in Swift.stride(from: 0, to: image.height, by: Kernel.lineCount) {
          // Where the image ends within the eight rows, its last one is repeated.
          @inline(__always) func row(_ k: Int) -> UnsafePointer<UInt8> {
            image.pixels + min(top + k, image.height - 1) * rowSize
          }
          // SAFETY: the rows hold `rowSize` bytes, as `scratch` does columns; the table stays
          // within `width` pixels; a line of `narrow` has room for eight rows from `top` on.
          let rows = (row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7))
          Kernel.interleave(rows, count: rowSize, words: scratch.words, into: scratch.columns)
          let columns = scratch.readable
          var target = UnsafeMutableRawPointer(narrow + top)
          var weights = start
          for first in firsts {
            let sums = Kernel.sumRGB(columns + 3 &* first, weights, count: tapCount)
            target.storeBytes(of: sums.red, as: Kernel.Column.self)
            (target + plane).storeBytes(of: sums.green, as: Kernel.Column.self)
            (target + 2 &* plane).storeBytes(of: sums.blue, as: Kernel.Column.self)
            target += stride
            weights += tapCount
          }
        }
      }
    }
  }

  /// Second pass: the columns of the first to the rows of three planes.
  private func filterColumns(
    _ narrow: UnsafePointer<UInt8>, stride: Int, height: Int,
    into planes: UnsafeMutablePointer<UInt8>
  ) {
    let table = table(height)
    let size = outputSize
    let scratch = reserve(height)
    table.weights.withUnsafeBufferPointer { weights in
      table.firsts.withUnsafeBufferPointer { firsts in
        guard let start = weights.baseAddress else { return }
        let tapCount = table.tapCount
        for channel in 0..<3 {
          for left in Swift.stride(from: 0, to: size, by: Kernel.lineCount) {
            // SAFETY: `narrow` has outputSize rounded up to eight lines a channel; of a last,
            // partial column only `count` lanes are written.
            let line = narrow + (channel * rounded(size) + left) * stride
            let lines = (
              line, line + stride, line + 2 * stride, line + 3 * stride, line + 4 * stride,
              line + 5 * stride, line + 6 * stride, line + 7 * stride
            )
            Kernel.interleave(lines, count: height, words: scratch.words, into: scratch.columns)
            let columns = scratch.readable
            let count = min(Kernel.lineCount, size - left)
            var target = planes + channel * size * size + left
            var weights = start
            for first in firsts {
              let sums = Kernel.sum(columns + first, weights, count: tapCount)
              if count == Kernel.lineCount {
                UnsafeMutableRawPointer(target).storeBytes(of: sums, as: Kernel.Column.self)
              } else {
                for lane in 0..<count { target[lane] = sums[lane] }
              }
              target += size
              weights += tapCount
            }
          }
        }
      }
    }
  }

  private struct InterleavingScratch {
    let columns: UnsafeMutablePointer<UInt64>
    let words: UnsafeMutablePointer<UInt32>

    /// The columns as vectors.
    var readable: UnsafePointer<Kernel.Column> {
      UnsafeRawPointer(columns).assumingMemoryBound(to: Kernel.Column.self)
    }
  }

  /// Memory to interleave eight lines of `count` bytes.
  private func reserve(_ count: Int) -> InterleavingScratch {
    let columns = UnsafeMutableRawPointer(interleaved.reserve(16 * count))
    return InterleavingScratch(
      columns: columns.bindMemory(to: UInt64.self, capacity: count),
      words: (columns + 8 * count).bindMemory(to: UInt32.self, capacity: 2 * count))
  }

  private func table(_ inputSize: Int) -> ResampleTable {
    if let table = tables[inputSize] { return table }
    if tables.count >= tableLimit { tables.removeAll() }
    let table = ResampleTable(inputSize: inputSize, outputSize: outputSize)
    tables[inputSize] = table
    return table
  }

  private func rounded(_ count: Int) -> Int {
    (count + Kernel.lineCount - 1) / Kernel.lineCount * Kernel.lineCount
  }
}
