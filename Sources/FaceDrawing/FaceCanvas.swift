import Images

/// 200x200 pixels of three planes in floating point, painted through a coordinate system that moves
/// and tilts with the face.
///
/// Face coordinates: (0, 0) is the middle of the head, u to the viewer's right, v down, and a head
/// reaches from about -1 to 1 both ways. Shapes are functions of (u, v) that give their coverage
/// 0...1 for eight pixels at once, with soft edges instead of supersampling.
final class FaceCanvas {
  typealias Lanes = SIMD8<Float>

  static let side = 200
  private static let blocks = side / Lanes.scalarCount
  private static let laneOffsets = Lanes(0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5)

  private let planes: UnsafeMutablePointer<Lanes>
  private let planeCount = side * blocks
  private var center: (x: Float, y: Float) = (0, 0)
  private var cosine: Float = 1
  private var sine: Float = 0
  /// Pixels per unit of face coordinates.
  private(set) var scale: Float = 1

  init() {
    planes = .allocate(capacity: 3 * planeCount)
    planes.initialize(repeating: Lanes(), count: 3 * planeCount)
  }

  deinit { planes.deallocate() }

  /// Places the face.
  ///
  /// - Parameter tilt: radians, small; sine and cosine are the first terms of their series, so that
  ///   no mathematical library has a say in the bytes of a data set.
  func setFrame(x: Float, y: Float, scale: Float, tilt: Float) {
    center = (x, y)
    self.scale = scale
    sine = tilt - tilt * tilt * tilt / 6
    cosine = 1 - tilt * tilt / 2
  }

  /// A part of the canvas in face coordinates.
  struct Region {
    var left, top, right, bottom: Float
    static let everywhere = Region(left: -9, top: -9, right: 9, bottom: 9)

    init(left: Float, top: Float, right: Float, bottom: Float) {
      (self.left, self.top, self.right, self.bottom) = (left, top, right, bottom)
    }

    /// Around a point.
    init(u: Float, v: Float, width: Float, height: Float) {
      self.init(left: u - width, top: v - height, right: u + width, bottom: v + height)
    }
  }

  /// Lays `color` over what is there, as far as `coverage` says.
  @inline(__always)
  func paint(_ region: Region, _ color: Color, coverage: (Lanes, Lanes) -> Lanes) {
    forEachBlock(in: region) { index, u, v in
      let amount = coverage(u, v)
      let red = planes[index]
      let green = planes[index + planeCount]
      let blue = planes[index + 2 * planeCount]
      planes[index] = red + (color.red - red) * amount
      planes[index + planeCount] = green + (color.green - green) * amount
      planes[index + 2 * planeCount] = blue + (color.blue - blue) * amount
    }
  }

  /// Multiplies what is there.
  @inline(__always)
  func shade(_ region: Region, factor: (Lanes, Lanes) -> Lanes) {
    forEachBlock(in: region) { index, u, v in
      let amount = factor(u, v)
      planes[index] *= amount
      planes[index + planeCount] *= amount
      planes[index + 2 * planeCount] *= amount
    }
  }

  @inline(__always)
  private func forEachBlock(in region: Region, _ body: (Int, Lanes, Lanes) -> Void) {
    // The pixels of a tilted rectangle lie within its size plus what the tilt moves its corners.
    let halfWidth = (region.right - region.left) / 2
    let halfHeight = (region.bottom - region.top) / 2
    let u = (region.left + region.right) / 2
    let v = (region.top + region.bottom) / 2
    let x = center.x + scale * (u * cosine - v * sine)
    let y = center.y + scale * (u * sine + v * cosine)
    let reachX = scale * (halfWidth + halfHeight * abs(sine)) + 1
    let reachY = scale * (halfHeight + halfWidth * abs(sine)) + 1
    let side = Float(Self.side)
    let top = Int(min(max(y - reachY, 0), side))
    let bottom = Int(min(max(y + reachY + 1, 0), side))
    let first = Int(min(max(x - reachX, 0), side)) / Lanes.scalarCount
    let last = (Int(min(max(x + reachX + 1, 0), side)) + 7) / Lanes.scalarCount
    guard top < bottom, first < last else { return }
    let inverse = 1 / scale
    for row in top..<bottom {
      let dy = (Float(row) + 0.5 - center.y) * inverse
      for block in first..<last {
        let dx = (Self.laneOffsets + (Float(block * 8) - center.x)) * inverse
        body(row * Self.blocks + block, dx * cosine + dy * sine, dy * cosine - dx * sine)
      }
    }
  }

  /// Fills the canvas, in pixels: `top` color to `bottom` color.
  func fillGradient(top: Color, bottom: Color) {
    for row in 0..<Self.side {
      let color = top.mixed(with: bottom, Float(row) / Float(Self.side - 1))
      for block in 0..<Self.blocks {
        let index = row * Self.blocks + block
        planes[index] = Lanes(repeating: color.red)
        planes[index + planeCount] = Lanes(repeating: color.green)
        planes[index + 2 * planeCount] = Lanes(repeating: color.blue)
      }
    }
  }

  /// Writes the canvas as 8-bit RGB, with a gain per channel and noise of the given deviation.
  func develop(
    gain: Color, noise: Float, noiseSeed: UInt32, into image: inout RGBImage
  ) {
    precondition(image.width == Self.side && image.height == Self.side, "a canvas is 200x200")
    let lanes = SIMD8<UInt32>(0, 1, 2, 3, 4, 5, 6, 7)
    image.pixels.withUnsafeMutableBufferPointer { pixels in
      // SAFETY: planeCount * 8 pixels of three bytes each, which the precondition made sure of.
      for index in 0..<planeCount {
        let grain = Self.grain(lanes &+ (UInt32(truncatingIfNeeded: index * 8) ^ noiseSeed))
        let offset = grain * (noise * 255) + 0.5
        let red = Self.clip(planes[index] * (gain.red * 255) + offset)
        let green = Self.clip(planes[index + planeCount] * (gain.green * 255) + offset)
        let blue = Self.clip(planes[index + 2 * planeCount] * (gain.blue * 255) + offset)
        for lane in 0..<Lanes.scalarCount {
          let pixel = 3 &* (8 &* index &+ lane)
          pixels[pixel] = UInt8(red[lane])
          pixels[pixel &+ 1] = UInt8(green[lane])
          pixels[pixel &+ 2] = UInt8(blue[lane])
        }
      }
    }
  }

  /// A hash of the pixel number as noise of deviation about 1.
  @inline(__always)
  private static func grain(_ number: SIMD8<UInt32>) -> Lanes {
    var hash = number &* 0x9E37_79B1
    hash = (hash ^ (hash &>> 15)) &* 0x85EB_CA77
    hash = (hash ^ (hash &>> 13)) &* 0xC2B2_AE3D
    hash ^= hash &>> 16
    // Two uniform halves make a triangle of variance 1/6.
    let low = hash & 0xFFFF
    let high = hash &>> 16
    let sum = low &+ high
    var noise = Lanes()
    for lane in 0..<Lanes.scalarCount { noise[lane] = Float(Int32(truncatingIfNeeded: sum[lane])) }
    return (noise * (1 / 65_536) - 1) * 2.449_49
  }

  @inline(__always)
  private static func clip(_ v: Lanes) -> Lanes { limit(v, 0, 255) }
}

/// `v`, but not below `low` nor above `high`.
@inline(__always)
func limit(_ v: SIMD8<Float>, _ low: Float, _ high: Float) -> SIMD8<Float> {
  let floor = v.replacing(with: low, where: v .< low)
  return floor.replacing(with: high, where: floor .> high)
}

@inline(__always)
func smaller(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> SIMD8<Float> {
  a.replacing(with: b, where: b .< a)
}

@inline(__always)
func larger(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> SIMD8<Float> {
  a.replacing(with: b, where: b .> a)
}

@inline(__always)
func magnitude(_ a: SIMD8<Float>) -> SIMD8<Float> { larger(a, -a) }
