/// How large an image may announce itself to be. Checked before anything is allocated for it.
package struct ImageLimits: Equatable, Sendable {
  /// Width times height.
  package let pixelCount: Int
  /// Width, and height.
  package let dimension: Int

  /// - Parameters:
  ///   - pixelCount: by default 64 Mi pixels, 192 MiB of decoded RGB.
  ///   - dimension: by default what a JPEG can hold at most.
  package init(pixelCount: Int = 1 << 26, dimension: Int = 65_500) {
    precondition(pixelCount > 0 && dimension > 0, "image limits are positive")
    self.pixelCount = pixelCount
    self.dimension = dimension
  }

  func check(width: Int, height: Int, name: String) throws(ImageError) {
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    guard width <= dimension, height <= dimension, !overflow, pixels <= pixelCount else {
      throw ImageError(
        .tooLarge, name: name,
        detail: "it announces \(width)x\(height) pixels, the limit is \(pixelCount) pixels"
          + " and \(dimension) a side")
    }
  }
}
