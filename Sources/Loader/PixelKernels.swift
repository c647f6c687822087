import CSystem

/// The loops that touch every pixel. Lengths are the caller's promise; source and target never
/// overlap.
enum PixelKernels {
  /// target[i] = source[i]·scale + bias.
  static func normalize(
    _ source: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<Float>, count: Int,
    scale: Float, bias: Float
  ) {
    // The compiler turns this into conversions and multiply-adds of 32 values at a time.
    for index in 0..<count {
      target[index] = bias.addingProduct(Float(source[index]), scale)
    }
  }

  /// Three planes of `count` bytes into `count` interleaved pixels.
  static func interleave3(
    _ source: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    let second = source + count
    let third = second + count
    // A store with stride three, which the compiler knows how to shuffle from whole vectors.
    for index in 0..<count {
      target[3 * index] = source[index]
      target[3 * index + 1] = second[index]
      target[3 * index + 2] = third[index]
    }
  }

  /// Any number of planes of `count` bytes into `count` interleaved pixels.
  static func interleave(
    _ source: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<UInt8>, count: Int,
    channels: Int
  ) {
    for channel in 0..<channels {
      let plane = source + channel * count
      for index in 0..<count { target[index * channels + channel] = plane[index] }
    }
  }

  /// Normalizes interleaved values; the factors repeat with a period that divides 24.
  ///
  /// - Parameter factors: 24 scales, then 24 biases, for values that begin at channel 0.
  static func normalizePeriodic(
    _ source: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<Float>, count: Int,
    factors: UnsafePointer<Float>
  ) {
    // SAFETY: the vectors cover [index, index + 24) while that ends at or before `count`.
    let bytes = UnsafeRawPointer(source)
    let floats = UnsafeMutableRawPointer(target)
    let table = UnsafeRawPointer(factors)
    let scale0 = table.loadUnaligned(as: SIMD8<Float>.self)
    let scale1 = table.loadUnaligned(fromByteOffset: 32, as: SIMD8<Float>.self)
    let scale2 = table.loadUnaligned(fromByteOffset: 64, as: SIMD8<Float>.self)
    let bias0 = table.loadUnaligned(fromByteOffset: 96, as: SIMD8<Float>.self)
    let bias1 = table.loadUnaligned(fromByteOffset: 128, as: SIMD8<Float>.self)
    let bias2 = table.loadUnaligned(fromByteOffset: 160, as: SIMD8<Float>.self)
    var index = 0
    while index + 24 <= count {
      let a = bytes.loadUnaligned(fromByteOffset: index, as: SIMD8<UInt8>.self)
      let b = bytes.loadUnaligned(fromByteOffset: index + 8, as: SIMD8<UInt8>.self)
      let c = bytes.loadUnaligned(fromByteOffset: index + 16, as: SIMD8<UInt8>.self)
      floats.storeBytes(
        of: bias0.addingProduct(SIMD8<Float>(a), scale0), toByteOffset: index * 4,
        as: SIMD8<Float>.self)
      floats.storeBytes(
        of: bias1.addingProduct(SIMD8<Float>(b), scale1), toByteOffset: index * 4 + 32,
        as: SIMD8<Float>.self)
      floats.storeBytes(
        of: bias2.addingProduct(SIMD8<Float>(c), scale2), toByteOffset: index * 4 + 64,
        as: SIMD8<Float>.self)
      index += 24
    }
    for rest in index..<count {
      target[rest] = factors[24 + rest - index].addingProduct(
        Float(source[rest]), factors[rest - index])
    }
  }

  /// Copies `count` bytes in reverse order.
  static func copyReversed(
    _ source: UnsafePointer<UInt8>, into target: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    // SAFETY: a word is read at count - 8 - index >= 0 and written at index <= count - 8.
    let from = UnsafeRawPointer(source)
    let to = UnsafeMutableRawPointer(target)
    var index = 0
    while index + 8 <= count {
      let word = from.loadUnaligned(fromByteOffset: count - 8 - index, as: UInt64.self)
      to.storeBytes(of: word.byteSwapped, toByteOffset: index, as: UInt64.self)
      index += 8
    }
    while index < count {
      target[index] = source[count - 1 - index]
      index += 1
    }
  }

  /// Copies floats past the caches: whole lines streamed, the lines at both ends as usual, because
  /// a line that is written in both ways costs more than either.
  static func stream(
    _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, count: Int
  ) {
    let line = 16
    let place = Int(bitPattern: target) / MemoryLayout<Float>.stride % line
    let head = min(count, place == 0 ? 0 : line - place)
    let end = head + (count - head) / line * line
    // SAFETY: [head, end) is whole lines of the target within `count`.
    target.update(from: source, count: head)
    for index in stride(from: head, to: end, by: 8) {
      system_stream_float8(
        target + index,
        UnsafeRawPointer(source + index).loadUnaligned(as: SIMD8<Float>.self))
    }
    (target + end).update(from: source + end, count: count - end)
  }
}
