/// Height and width of a feature map.
struct MapSize: Hashable, Sendable {
  let height: Int
  let width: Int

  /// Pixels of the map.
  var positionCount: Int { height * width }

  /// The map that a window of side `kernel` leaves when it moves over this one.
  ///
  /// - Parameter roundingUp: whether a last window counts that is only partly over the map, as with
  ///   PyTorch's `ceil_mode`; for windows as wide as their stride, without padding.
  func windowed(kernel: Int, stride: Int, padding: Int, roundingUp: Bool = false) -> MapSize {
    func count(_ side: Int) -> Int {
      (side + 2 * padding - kernel + (roundingUp ? stride - 1 : 0)) / stride + 1
    }
    return MapSize(height: count(height), width: count(width))
  }
}
