/// Decoded pixels, interleaved R, G, B, 8 bits each, rows without padding.
///
/// The memory belongs to the decoder that returned the view and is valid until that decoder's next
/// call, or its end.
package struct RGBView {
  /// `3 * width * height` bytes.
  package let pixels: UnsafePointer<UInt8>
  package let width: Int
  package let height: Int

  package init(pixels: UnsafePointer<UInt8>, width: Int, height: Int) {
    self.pixels = pixels
    self.width = width
    self.height = height
  }

  package var byteCount: Int { 3 * width * height }

  /// The bytes of all rows.
  package var bytes: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: pixels, count: byteCount)
  }

  /// The image as its orientation says to show it, as Pillow's `ImageOps.exif_transpose` has it.
  ///
  /// - Parameter buffer: gets the pixels; not the one that this view lies in.
  func turned(upright orientation: ExifOrientation, in buffer: ScratchBuffer) -> RGBView {
    let target = buffer.reserve(byteCount)
    let (columns, rows) = orientation.swapsSides ? (height, width) : (width, height)
    // The step in the source, in pixels, that belongs to one to the right and one down.
    let across = orientation.isMirrored ? -1 : 1
    let down = orientation.isFlipped ? -width : width
    let (right, below) = orientation.swapsSides ? (down, across) : (across, down)
    let corner =
      (orientation.isMirrored ? width - 1 : 0) + (orientation.isFlipped ? (height - 1) * width : 0)
    // SAFETY: the steps visit every pixel of the source once, and there are as many targets.
    var next = target
    for y in 0..<rows {
      var source = pixels + 3 * (corner + y * below)
      for _ in 0..<columns {
        next[0] = source[0]
        next[1] = source[1]
        next[2] = source[2]
        next += 3
        source += 3 * right
      }
    }
    return RGBView(pixels: target, width: columns, height: rows)
  }
}
