/// A map of few pixels, shown in color over an image: the image itself where the map is zero, yellow
/// to red where it is large.
///
/// ```swift
/// let picture = ActivationOverlay(map: values, height: 4, width: 4).over(face, magnification: 8)
/// ```
package struct ActivationOverlay: Sendable {
  private let map: [Float]
  private let height: Int
  private let width: Int

  /// How much of the image the map's largest value covers.
  private static let strength: Float = 0.65
  /// Colors from the map's least value to its largest.
  private static let colors: [SIMD3<Float>] = [
    SIMD3(255, 237, 160), SIMD3(254, 178, 76), SIMD3(240, 59, 32), SIMD3(189, 0, 38),
  ]

  /// - Parameter map: [height][width], 0 or more; it is scaled by its largest value.
  package init(map: [Float], height: Int, width: Int) {
    precondition(map.count == height * width && !map.isEmpty, "a value for every pixel")
    let top = map.max() ?? 0
    self.map = top > 0 && top.isFinite ? map.map { $0 / top } : map.map { _ in 0 }
    self.height = height
    self.width = width
  }

  /// The image with every pixel `magnification` squared times, under the map.
  package func over(_ image: RGBImage, magnification: Int = 1) -> RGBImage {
    precondition(magnification >= 1, "an image cannot be made smaller")
    var result = RGBImage(
      width: image.width * magnification, height: image.height * magnification)
    result.paste(image, x: 0, y: 0, magnification: magnification)
    let columns = (0..<result.width).map { Self.place($0, of: result.width, in: width) }
    for y in 0..<result.height {
      let row = Self.place(y, of: result.height, in: height)
      for x in 0..<result.width {
        let column = columns[x]
        let above = mix(row.low, column)
        let value = above + (mix(row.high, column) - above) * row.share
        let color = Self.color(value)
        let cover = Self.strength * value
        let pixel = 3 * (y * result.width + x)
        for channel in 0..<3 {
          let under = Float(result.pixels[pixel + channel])
          result.pixels[pixel + channel] = UInt8(
            (under + (color[channel] - under) * cover).rounded())
        }
      }
    }
    return result
  }

  /// Which pixels of the map a pixel lies between, and how far along: bilinear interpolation between
  /// the centers of pixels, as PyTorch's `interpolate` without `align_corners`.
  private static func place(
    _ pixel: Int, of count: Int, in mapCount: Int
  ) -> (low: Int, high: Int, share: Float) {
    let place = (Float(pixel) + 0.5) * Float(mapCount) / Float(count) - 0.5
    let inside = min(max(place, 0), Float(mapCount - 1))
    let low = Int(inside)
    return (low, min(low + 1, mapCount - 1), inside - Float(low))
  }

  private func mix(_ row: Int, _ column: (low: Int, high: Int, share: Float)) -> Float {
    let left = map[row * width + column.low]
    return left + (map[row * width + column.high] - left) * column.share
  }

  private static func color(_ value: Float) -> SIMD3<Float> {
    let place = value * Float(colors.count - 1)
    let low = min(Int(place), colors.count - 2)
    return colors[low] + (colors[low + 1] - colors[low]) * (place - Float(low))
  }
}
