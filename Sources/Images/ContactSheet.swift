/// A grid of square images with a caption under each.
///
/// ```swift
/// var sheet = ContactSheet(tileSize: 32, columns: 8, magnification: 3)
/// sheet.add(RGBImage(planes: planes, size: 32), caption: "31 f asian")
/// try write(PNGWriter.encode(sheet.render()), to: path)
/// ```
package struct ContactSheet {
  /// Width and height of every image, in its own pixels.
  package let tileSize: Int
  /// Images in a row.
  package let columns: Int
  /// Sheet pixels per image pixel.
  package let magnification: Int
  private var tiles = [(image: RGBImage, caption: [String])]()

  private let gap = 6
  private let background = RGBColor(24, 26, 30)
  private let captionColor = RGBColor(214, 218, 224)

  package init(tileSize: Int, columns: Int = 8, magnification: Int = 1) {
    precondition(
      tileSize > 0 && columns > 0 && magnification > 0, "a contact sheet has sizes above zero")
    self.tileSize = tileSize
    self.columns = columns
    self.magnification = magnification
  }

  package var count: Int { tiles.count }

  /// Adds an image behind the last one.
  ///
  /// - Parameters:
  ///   - image: of `tileSize` squared.
  ///   - caption: lines separated by "\n"; each is cut to the width of the image.
  package mutating func add(_ image: RGBImage, caption: String) {
    precondition(
      image.width == tileSize && image.height == tileSize,
      "a tile of \(image.width)x\(image.height) on a sheet of \(tileSize)")
    let length = max(1, (tileSize * magnification + 1) / BitmapText.advance)
    let lines = caption.split(separator: "\n", omittingEmptySubsequences: false)
    tiles.append((image, lines.map { String($0.prefix(length)) }))
  }

  /// Draws the sheet. A sheet without tiles is one empty cell.
  package func render() -> RGBImage {
    let side = tileSize * magnification
    let captionLines = tiles.reduce(0) { max($0, $1.caption.count) }
    let cellHeight = side + 3 + captionLines * BitmapText.lineHeight + gap
    let rows = max(1, (tiles.count + columns - 1) / columns)
    let usedColumns = max(1, min(columns, tiles.count))
    var sheet = RGBImage(
      width: usedColumns * (side + gap) + gap, height: rows * cellHeight + gap, color: background)
    for (index, tile) in tiles.enumerated() {
      let x = gap + index % columns * (side + gap)
      let y = gap + index / columns * cellHeight
      sheet.paste(tile.image, x: x, y: y, magnification: magnification)
      for (line, text) in tile.caption.enumerated() {
        let indent = max(0, side - BitmapText.width(of: text)) / 2
        BitmapText.draw(
          text, into: &sheet, x: x + indent, y: y + side + 3 + line * BitmapText.lineHeight,
          color: captionColor)
      }
    }
    return sheet
  }
}
