/// Height and width of a feature map.
struct MapSize: Hashable, Sendable {
  let height: Int
  let width: Int

  /// Pixels of the map.
  var positionCount: Int { height * width }

  /// The map that a window of side `kernel` leaves when it moves over this one.
  func windowed(kernel: Int, stride: Int, padding: Int) -> MapSize {
    MapSize(
      height: (height + 2 * padding - kernel) / stride + 1,
      width: (width + 2 * padding - kernel) / stride + 1)
  }
}
