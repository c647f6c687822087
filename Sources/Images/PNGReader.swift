import CPNG

/// Decodes PNG over zlib.
///
/// Not over libpng: Pillow reads PNG by itself too, and what it accepts of damaged, truncated or
/// unusual files (checksums of data, short palettes, 16-bit gray, data that ends early) differs
/// from libpng's rules.
final class PNGReader {
  private let stream: UnsafeMutablePointer<z_stream>
  private let rows = ScratchBuffer()

  init() {
    guard let stream = cpng_inflate_create() else {
      preconditionFailure("no memory for a PNG decoder")
    }
    self.stream = stream
  }

  deinit { cpng_inflate_destroy(stream) }

  func inspect(
    _ bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits
  ) throws(ImageError) -> ImageHeader {
    var walker = PNGChunkWalker(bytes)
    let header = try header(&walker, name: name, limits: limits)
    return ImageHeader(format: .png, width: header.width, height: header.height)
  }

  func decode(
    _ bytes: UnsafeRawBufferPointer, name: String, limits: ImageLimits, into buffer: ScratchBuffer
  ) throws(ImageError) -> RGBView {
    var walker = PNGChunkWalker(bytes)
    let header = try header(&walker, name: name, limits: limits)
    let pixels = buffer.reserve(3 * header.width * header.height)
    var source = PNGDataSource(walker, first: header.firstData)
    do {
      try readRows(of: header, from: &source, into: pixels)
      try source.finish()
    } catch {
      throw error.named(name)
    }
    return RGBView(pixels: pixels, width: header.width, height: header.height)
  }

  private func header(
    _ walker: inout PNGChunkWalker, name: String, limits: ImageLimits
  ) throws(ImageError) -> PNGHeader {
    let header: PNGHeader
    do {
      header = try PNGHeader(&walker)
    } catch {
      throw error.named(name)
    }
    try limits.check(width: header.width, height: header.height, name: name)
    return header
  }

  private func readRows(
    of header: PNGHeader, from source: inout PNGDataSource,
    into pixels: UnsafeMutablePointer<UInt8>
  ) throws(PNGFault) {
    guard let layout = header.layout else { return }
    let frame =
      header.frame ?? PNGHeader.Frame(x: 0, y: 0, width: header.width, height: header.height)
    // Pillow places the rows of an interlaced part at the image's corner.
    let corner = header.isInterlaced ? (x: 0, y: 0) : (x: frame.x, y: frame.y)
    let writer = PNGRowWriter(header, layout: layout)
    writer.fill(pixels, count: header.width * header.height)

    // A row buffer holds the filter byte and the longest row. SAFETY: every `Row` has at most
    // `frame.width` pixels and lies inside the frame, and the frame inside the image.
    let rowSize = layout.rowLength(frame.width) + 1
    var row = rows.reserve(2 * rowSize)
    var above = row + rowSize
    var passes = PNGPasses(
      width: frame.width, height: frame.height, isInterlaced: header.isInterlaced)
    inflateReset(stream)
    stream.pointee.avail_in = 0
    while let next = passes.next() {
      if next.startsPass { above.update(repeating: 0, count: rowSize) }
      let length = layout.rowLength(next.pixelCount)
      let isLast = try inflateRow(row, count: length + 1, from: &source)
      guard
        PNGFilter.undo(
          row[0], row: row + 1, above: above + 1, count: length, distance: layout.filterDistance)
      else {
        throw PNGFault(.corrupt, "row \(next.y) of the PNG has the filter type \(row[0])")
      }
      let target = (corner.y + next.y) * header.width + corner.x + next.firstX
      writer.write(row + 1, count: next.pixelCount, to: pixels + 3 * target, step: next.step)
      // The stream may end early with a whole row: the rest stays as filled, as in Pillow.
      if isLast { return }
      swap(&row, &above)
    }
  }

  /// Fills `row`; true if the compressed stream ended with it.
  private func inflateRow(
    _ row: UnsafeMutablePointer<UInt8>, count: Int, from source: inout PNGDataSource
  ) throws(PNGFault) -> Bool {
    stream.pointee.next_out = row
    stream.pointee.avail_out = UInt32(count)
    while true {
      if stream.pointee.avail_in == 0 {
        let block = try source.next()
        // zlib does not write through this pointer.
        stream.pointee.next_in = UnsafeMutablePointer(
          mutating: block.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(block.count)
      }
      let code = inflate(stream, Z_NO_FLUSH)
      guard code >= 0 else {
        let message = stream.pointee.msg.map { String(cString: $0) } ?? "error \(code)"
        throw PNGFault(.corrupt, "zlib says \"\(message)\" about the image data of the PNG")
      }
      if stream.pointee.avail_out == 0 { return code == Z_STREAM_END }
      // Ended or stuck inside a row: what is left of this block can no longer help.
      stream.pointee.avail_in = 0
    }
  }
}
