/// The addresses of the operands of one batch-reduce call: pairs of a left and a right matrix.
///
/// One per worker: a call overwrites the addresses, so the list is filled anew for every call.
package final class AddressList {
  /// How many pairs there is room for.
  package let capacity: Int
  /// How many pairs have been appended since the last call.
  package internal(set) var count = 0

  let left: UnsafeMutablePointer<UnsafeRawPointer?>
  let right: UnsafeMutablePointer<UnsafeRawPointer?>

  package init(capacity: Int) {
    self.capacity = capacity
    left = .allocate(capacity: capacity)
    right = .allocate(capacity: capacity)
    left.initialize(repeating: nil, count: capacity)
    right.initialize(repeating: nil, count: capacity)
  }

  deinit {
    left.deallocate()
    right.deallocate()
  }

  /// Adds the product of a left and a right matrix to what the next call computes. Their elements
  /// are those of the kernel that the call is of.
  package func append(left leftMatrix: UnsafeRawPointer, right rightMatrix: UnsafeRawPointer) {
    precondition(count < capacity, "the address list is full")
    left[count] = leftMatrix
    right[count] = rightMatrix
    count += 1
  }

  /// Empties the list.
  func clear() { count = 0 }
}
