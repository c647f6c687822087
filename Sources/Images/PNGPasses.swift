/// The order in which the rows of a PNG stand in its data: top to bottom, or Adam7's seven passes
/// (PNG specification, section 8, "Interlacing").
struct PNGPasses {
  /// A row to come: where its pixels go.
  struct Row {
    let y: Int
    let firstX: Int
    let step: Int
    let pixelCount: Int
    /// The filters of this row see zeros above it.
    let startsPass: Bool
  }

  private let width: Int
  private let height: Int
  private let isInterlaced: Bool
  private var pass = 0
  private var y = 0
  private var startsPass = true

  private static let firstX = [0, 4, 0, 2, 0, 1, 0]
  private static let firstY = [0, 0, 4, 0, 2, 0, 1]
  private static let stepX = [8, 8, 4, 4, 2, 2, 1]
  private static let stepY = [8, 8, 8, 4, 4, 2, 2]

  init(width: Int, height: Int, isInterlaced: Bool) {
    self.width = width
    self.height = height
    self.isInterlaced = isInterlaced
  }

  /// The next row that has pixels, or nil after the last one.
  mutating func next() -> Row? {
    guard isInterlaced else {
      guard y < height else { return nil }
      defer { y += 1 }
      return Row(y: y, firstX: 0, step: 1, pixelCount: width, startsPass: y == 0)
    }
    while pass < 7 {
      let firstX = Self.firstX[pass]
      let step = Self.stepX[pass]
      let count = (width - firstX + step - 1) / step
      if y < height && count > 0 && width > firstX {
        defer {
          y += Self.stepY[pass]
          startsPass = false
        }
        return Row(y: y, firstX: firstX, step: step, pixelCount: count, startsPass: startsPass)
      }
      pass += 1
      if pass < 7 { y = Self.firstY[pass] }
      startsPass = true
    }
    return nil
  }
}
