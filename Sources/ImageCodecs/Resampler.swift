/// Resizes interleaved RGB to a square and writes it planar, byte for byte as Pillow's
/// `image.resize((size, size), Image.BILINEAR)`.
///
/// ```swift
/// let resampler = Resampler(outputSize: 32)
/// resampler.resample(view, into: planes)   // 3 * 32 * 32 bytes: R, G, B planes
/// ```
///
/// One resampler belongs to one thread; it keeps its tables and its intermediate rows.
public final class Resampler {
  /// Width and height of the result.
  public let outputSize: Int
  private var tables = [Int: ResampleTable]()
  private let scratch = ScratchBuffer()

  /// Tables for images of at most this many different sizes are kept.
  private let tableLimit = 256

  public init(outputSize: Int) {
    precondition(outputSize > 0, "the output has at least one pixel")
    self.outputSize = outputSize
  }

  /// Bytes that one result takes: three planes.
  public var outputByteCount: Int { 3 * outputSize * outputSize }

  /// Resizes `image` into `planes`, which holds ``outputByteCount`` bytes: all red, all green, all
  /// blue, each row by row.
  public func resample(_ image: RGBView, into planes: UnsafeMutableBufferPointer<UInt8>) {
    precondition(planes.count >= outputByteCount, "three planes of \(outputSize)^2 bytes")
    precondition(image.width > 0 && image.height > 0, "an image has at least one pixel")
    guard let planes = planes.baseAddress else { return }
    let horizontal = image.width == outputSize ? nil : table(image.width)
    let vertical = image.height == outputSize ? nil : table(image.height)
    var source = image.pixels
    var firstRow = 0
    if let horizontal {
      let rows = vertical?.used ?? 0..<image.height
      let narrow = scratch.reserve(3 * outputSize * rows.count)
      for y in rows {
        let line = source + 3 * image.width * y
        let target = narrow + 3 * outputSize * (y - rows.lowerBound)
        for x in 0..<outputSize {
          for channel in 0..<3 {
            var sum = Int32(1) << Int32(ResampleTable.precision - 1)
            for tap in 0..<horizontal.counts[x] {
              sum &+=
                Int32(line[3 * (horizontal.starts[x] + tap) + channel])
                &* horizontal.weights[x * horizontal.tapCount + tap]
            }
            target[3 * x + channel] = UInt8(clamping: sum >> Int32(ResampleTable.precision))
          }
        }
      }
      source = UnsafePointer(narrow)
      firstRow = rows.lowerBound
    }
    for y in 0..<outputSize {
      for x in 0..<outputSize {
        for channel in 0..<3 {
          let column = source + 3 * x + channel
          var value: UInt8
          if let vertical {
            var sum = Int32(1) << Int32(ResampleTable.precision - 1)
            for tap in 0..<vertical.counts[y] {
              sum &+=
                Int32(column[3 * outputSize * (vertical.starts[y] - firstRow + tap)])
                &* vertical.weights[y * vertical.tapCount + tap]
            }
            value = UInt8(clamping: sum >> Int32(ResampleTable.precision))
          } else {
            value = column[3 * outputSize * y]
          }
          planes[channel * outputSize * outputSize + y * outputSize + x] = value
        }
      }
    }
  }

  private func table(_ inputSize: Int) -> ResampleTable {
    if let table = tables[inputSize] { return table }
    if tables.count >= tableLimit { tables.removeAll() }
    let table = ResampleTable(inputSize: inputSize, outputSize: outputSize)
    tables[inputSize] = table
    return table
  }
}
