import Experiment

/// Finds a number by the hash of a file's content, at about 50 bytes an entry.
struct ContentIndex: Sendable {
  private var hashes: [SourceHash] = []
  private var numbers: [UInt64] = []
  /// One more than a place in `hashes`; 0 where there is none. Linear probing: hashes are even.
  private var slots: [UInt32]
  private let mask: Int

  /// - Parameter capacity: entries that will be added at most.
  init(capacity: Int) {
    precondition(capacity < Int(UInt32.max), "an index has fewer than 2^32 entries")
    var size = 16
    while size < capacity * 3 / 2 { size *= 2 }
    mask = size - 1
    slots = [UInt32](repeating: 0, count: size)
    hashes.reserveCapacity(capacity)
    numbers.reserveCapacity(capacity)
  }

  private func slot(of hash: SourceHash) -> Int {
    var slot = Int(truncatingIfNeeded: hash.prefix) & mask
    while slots[slot] != 0, hashes[Int(slots[slot] - 1)] != hash { slot = (slot + 1) & mask }
    return slot
  }

  /// A hash that is there already keeps its number.
  mutating func add(_ hash: SourceHash, number: UInt64) {
    let slot = slot(of: hash)
    guard slots[slot] == 0 else { return }
    hashes.append(hash)
    numbers.append(number)
    slots[slot] = UInt32(hashes.count)
  }

  func number(of hash: SourceHash) -> UInt64? {
    let found = slots[slot(of: hash)]
    return found == 0 ? nil : numbers[Int(found - 1)]
  }
}
