/// The 64 factors and offsets of a tile's channels: BatchNorm as `x · scale + shift`.
struct ChannelAffine {
  let scale: UnsafePointer<Float>
  let shift: UnsafePointer<Float>

  @inline(__always)
  func apply(_ x: Lanes, _ channel: Int) -> Lanes {
    load(shift + channel).addingProduct(x, load(scale + channel))
  }
}

/// out = x · scale + shift, on a [rows][64] tile. `out` may be `x`.
func tileAffine(
  _ x: UnsafePointer<Float>, _ affine: ChannelAffine, rows: Int, out: UnsafeMutablePointer<Float>
) {
  for channel in stride(from: 0, to: tileWidth, by: 16) {
    let scale = load(affine.scale + channel)
    let shift = load(affine.shift + channel)
    var offset = channel
    for _ in 0..<rows {
      store(shift.addingProduct(load(x + offset), scale), out + offset)
      offset &+= tileWidth
    }
  }
}

/// out = relu(x · scale + shift), on a [rows][64] tile. `out` may be `x`.
func tileAffineRelu(
  _ x: UnsafePointer<Float>, _ affine: ChannelAffine, rows: Int, out: UnsafeMutablePointer<Float>
) {
  for channel in stride(from: 0, to: tileWidth, by: 16) {
    let scale = load(affine.scale + channel)
    let shift = load(affine.shift + channel)
    var offset = channel
    for _ in 0..<rows {
      store(shift.addingProduct(load(x + offset), scale).rectified, out + offset)
      offset &+= tileWidth
    }
  }
}

/// out = relu(x · scale + shift + shortcut), on [rows][64] tiles. `out` may be `x` or `shortcut`.
func tileAffineAddRelu(
  _ x: UnsafePointer<Float>, _ affine: ChannelAffine, shortcut: UnsafePointer<Float>, rows: Int,
  out: UnsafeMutablePointer<Float>
) {
  for channel in stride(from: 0, to: tileWidth, by: 16) {
    let scale = load(affine.scale + channel)
    let shift = load(affine.shift + channel)
    var offset = channel
    for _ in 0..<rows {
      let y = shift.addingProduct(load(x + offset), scale) + load(shortcut + offset)
      store(y.rectified, out + offset)
      offset &+= tileWidth
    }
  }
}

/// out = relu(x · scale + shift + shortcut · scale' + shift'), on [rows][64] tiles: the end of a
/// block whose shortcut has a convolution and a BatchNorm of its own.
func tileAffineAddAffineRelu(
  _ x: UnsafePointer<Float>, _ affine: ChannelAffine, shortcut: UnsafePointer<Float>,
  _ shortcutAffine: ChannelAffine, rows: Int, out: UnsafeMutablePointer<Float>
) {
  for channel in stride(from: 0, to: tileWidth, by: 16) {
    let scale = load(affine.scale + channel)
    let shift = load(affine.shift + channel) + load(shortcutAffine.shift + channel)
    let shortcutScale = load(shortcutAffine.scale + channel)
    var offset = channel
    for _ in 0..<rows {
      let own = shift.addingProduct(load(x + offset), scale)
      store(own.addingProduct(load(shortcut + offset), shortcutScale).rectified, out + offset)
      offset &+= tileWidth
    }
  }
}

/// x = relu(x + bias), in place on a [rows][64] tile.
func tileBiasRelu(_ x: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>, rows: Int) {
  for channel in stride(from: 0, to: tileWidth, by: 16) {
    let shift = load(bias + channel)
    var offset = channel
    for _ in 0..<rows {
      store((load(x + offset) + shift).rectified, x + offset)
      offset &+= tileWidth
    }
  }
}
