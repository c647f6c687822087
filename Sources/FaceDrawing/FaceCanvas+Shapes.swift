extension FaceCanvas {
  /// Coverage of an ellipse. `softness` is the width of its edge in pixels.
  @inline(__always)
  func ellipse(
    _ u: Lanes, _ v: Lanes, center: (u: Float, v: Float), radius: (u: Float, v: Float),
    softness: Float = 1
  ) -> Lanes {
    let a = (u - center.u) * (1 / radius.u)
    let b = (v - center.v) * (1 / radius.v)
    // Near the edge, (1 - q) / 2 times the smaller radius is about the distance to it.
    let sharpness = scale * min(radius.u, radius.v) / (2 * softness)
    return limit((1 - a * a - b * b) * sharpness + 0.5, 0, 1)
  }

  /// Paints an ellipse.
  func paintEllipse(
    _ color: Color, u: Float, v: Float, width: Float, height: Float, opacity: Float = 1,
    softness: Float = 1
  ) {
    let margin = 1 + softness / (scale * min(width, height))
    let region = Region(u: u, v: v, width: width * margin, height: height * margin)
    paint(region, color) { a, b in
      ellipse(a, b, center: (u, v), radius: (width, height), softness: softness) * opacity
    }
  }

  /// Paints a stroke along the parabola v + bend * ((x - u) / width)^2, thickest in its middle.
  ///
  /// - Parameters:
  ///   - width: half of its length.
  ///   - thickness: half of its thickness in the middle.
  ///   - slope: how much it falls from the middle to its right end.
  func paintStroke(
    _ color: Color, u: Float, v: Float, width: Float, thickness: Float, bend: Float,
    slope: Float = 0, opacity: Float = 1, softness: Float = 1
  ) {
    let reach = thickness + abs(bend) + abs(slope) + softness / scale
    let region = Region(u: u, v: v, width: width, height: reach)
    let sharpness = scale / softness
    paint(region, color) { a, b in
      let t = (a - u) * (1 / width)
      let square = t * t
      let distance = magnitude(b - v - square * bend - t * slope)
      let taper = larger(1 - square, Lanes())
      let edge = (taper * thickness - distance) * sharpness + 0.5
      // Very thin strokes fade instead of breaking up.
      let strength = min(1, thickness * scale * 2) * opacity
      return limit(edge, 0, 1) * smaller(taper * 4, Lanes(repeating: 1)) * strength
    }
  }
}
