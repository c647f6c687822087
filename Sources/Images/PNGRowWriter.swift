/// Turns unfiltered rows of PNG samples into RGB pixels of the image.
struct PNGRowWriter {
  private let kind: PNGSampleLayout.Kind
  private let bitsPerPixel: Int
  /// The RGB triple of every value of a sample of up to 8 bits.
  private let colors: [UInt8]

  init(_ header: PNGHeader, layout: PNGSampleLayout) {
    kind = layout.kind
    bitsPerPixel = layout.bitsPerPixel
    switch layout.kind {
    case .indexed(isPalette: true): colors = header.palette
    case .indexed(isPalette: false):
      // Levels of 1, 2 and 4 bits are spread evenly: times 255, 85 and 17.
      let highest = (1 << layout.bitsPerPixel) - 1
      colors = (0..<768).map { UInt8(min($0 / 3, highest) * 255 / highest) }
    default: colors = []
    }
  }

  /// Fills the image with what a pixel of zero bits means, for images whose data ends early.
  func fill(_ pixels: UnsafeMutablePointer<UInt8>, count: Int) {
    pixels.update(repeating: 0, count: 3 * count)
    guard case .indexed = kind, colors[0] | colors[1] | colors[2] != 0 else { return }
    for i in 0..<count {
      for channel in 0..<3 { pixels[3 * i + channel] = colors[channel] }
    }
  }

  /// Writes `count` pixels of `row` to `pixels`, `step` pixels apart.
  func write(
    _ row: UnsafePointer<UInt8>, count: Int, to pixels: UnsafeMutablePointer<UInt8>, step: Int
  ) {
    // SAFETY: `row` holds `count` pixels of `bitsPerPixel`, `pixels` 3 * ((count - 1) * step + 1)
    // bytes, `colors` 3 * 256; the reader derived all of them from the checked header.
    let stride = 3 * step
    switch kind {
    case .indexed:
      colors.withUnsafeBufferPointer { colors in
        let mask = UInt8(truncatingIfNeeded: (1 << bitsPerPixel) - 1)
        for i in 0..<count {
          let bit = i * bitsPerPixel
          let value = Int(row[bit >> 3] >> UInt8(8 - bitsPerPixel - bit & 7) & mask)
          pixels[i * stride] = colors[3 * value]
          pixels[i * stride + 1] = colors[3 * value + 1]
          pixels[i * stride + 2] = colors[3 * value + 2]
        }
      }
    case .gray16:
      // Pillow keeps 16-bit gray and then clips it to 8 bits: everything above 255 is white.
      for i in 0..<count {
        let level = row[2 * i] == 0 ? row[2 * i + 1] : 255
        pixels[i * stride] = level
        pixels[i * stride + 1] = level
        pixels[i * stride + 2] = level
      }
    case .bytes(let red, let green, let blue):
      let size = bitsPerPixel / 8
      for i in 0..<count {
        pixels[i * stride] = row[i * size + red]
        pixels[i * stride + 1] = row[i * size + green]
        pixels[i * stride + 2] = row[i * size + blue]
      }
    }
  }
}
