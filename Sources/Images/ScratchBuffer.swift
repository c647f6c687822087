/// Memory that one decoder uses for image after image, without clearing it.
final class ScratchBuffer {
  private(set) var start: UnsafeMutablePointer<UInt8>
  private var capacity: Int

  /// A buffer above this size is given back once images are much smaller again, so that one large
  /// picture does not keep a worker's memory for the rest of the run.
  private let generousSize = 4 << 20

  init() {
    capacity = 1 << 16
    start = .allocate(capacity: capacity)
  }

  deinit { start.deallocate() }

  /// Makes room for `count` bytes; what was there is lost if the memory moves.
  func reserve(_ count: Int) -> UnsafeMutablePointer<UInt8> {
    let wasteful = capacity > generousSize && count < capacity / 4
    if count > capacity || wasteful {
      start.deallocate()
      capacity = max(count, 1 << 16)
      start = .allocate(capacity: capacity)
    }
    return start
  }
}
