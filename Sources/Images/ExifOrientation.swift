/// How a camera says that its pixels are to be shown: EXIF's tag 0x0112.
///
/// Source: CIPA DC-008 (Exif 2.32), 4.6.4 A, "Orientation".
package enum ExifOrientation: UInt16, Sendable, CaseIterable {
  case upright = 1
  case mirrored, halfTurn, flipped, transposed, quarterTurn, transversed, threeQuarterTurn

  /// Whether stored columns are shown as rows.
  var swapsSides: Bool { rawValue >= 5 }
  /// Whether the first shown pixel is in the last stored column.
  var isMirrored: Bool { [2, 3, 7, 8].contains(rawValue) }
  /// Whether it is in the last stored row.
  var isFlipped: Bool { [3, 4, 6, 7].contains(rawValue) }

  /// The orientation that a file gives; upright where it gives none that is valid.
  ///
  /// - Complexity: no pixel is looked at.
  package init(of file: UnsafeRawBufferPointer) {
    self = .upright
    guard let format = ImageFormat.index(of: file), let exif = ImageFormat.all[format].exif?(file),
      let found = Self(tiff: exif)
    else { return }
    self = found
  }

  /// Reads the first directory of a TIFF block, as EXIF has it. Nothing in it is trusted.
  private init?(tiff: UnsafeRawBufferPointer) {
    let isLittle = tiff.starts(with: [0x49, 0x49])
    guard tiff.count >= 8, isLittle || tiff.starts(with: [0x4D, 0x4D]) else { return nil }
    func number(_ offset: Int, _ size: Int) -> Int? {
      guard offset >= 0, offset <= tiff.count - size else { return nil }
      let bytes = tiff[offset..<offset + size]
      return isLittle
        ? bytes.reversed().reduce(0) { $0 << 8 | Int($1) } : bytes.reduce(0) { $0 << 8 | Int($1) }
    }
    guard number(2, 2) == 42, let directory = number(4, 4), let count = number(directory, 2)
    else { return nil }
    for entry in 0..<count {
      let start = directory + 2 + 12 * entry
      guard let tag = number(start, 2) else { return nil }
      guard tag == 0x0112 else { continue }
      // A SHORT by the standard; some writers use a LONG.
      let size = number(start + 2, 2) == 4 ? 4 : 2
      self.init(rawValue: UInt16(clamping: number(start + 8, size) ?? 0))
      return
    }
    return nil
  }
}
