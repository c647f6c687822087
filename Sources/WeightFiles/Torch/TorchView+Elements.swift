extension TorchView {
  /// How many elements the view has.
  var elementCount: Int { shape.reduce(1, *) }

  /// Whether the elements are in row-major order without gaps.
  var isContiguous: Bool {
    var expected = 1
    for (size, stride) in zip(shape, strides).reversed() where size != 1 {
      guard stride == expected else { return false }
      expected *= size
    }
    return true
  }

  /// Refuses a view that leaves its storage, or that has very many more elements than it. All
  /// arithmetic here is checked, so that later uses need not.
  func check(against storage: TorchStorage) throws(PickleFailure) {
    let name = "a tensor of shape \(shape), strides \(strides), offset \(offset)"
    guard shape.count == strides.count, strides.allSatisfy({ $0 >= 0 }),
      let count = WeightFiles.elementCount(of: shape)
    else { throw PickleFailure(message: "\(name) has impossible dimensions") }
    let leaves = PickleFailure(
      message: "\(name) leaves its storage of \(storage.count) elements")
    guard offset >= 0, offset <= storage.count else { throw leaves }
    guard count <= max(storage.count, TorchAssembly.largestExpansion) else {
      throw PickleFailure(
        message: "\(name) is expanded from a storage of \(storage.count) elements: save its "
          + "contiguous clone()")
    }
    guard count > 0 else { return }
    var reach = 0
    for (size, stride) in zip(shape, strides) where size > 1 {
      let (extent, tooLarge) = (size - 1).multipliedReportingOverflow(by: stride)
      let (sum, larger) = reach.addingReportingOverflow(extent)
      guard !tooLarge, !larger, sum < storage.count - offset else { throw leaves }
      reach = sum
    }
    guard offset < storage.count else { throw leaves }
  }

  /// The view's elements in row-major order: a slice of the storage's bytes where they are in that order,
  /// else a copy.
  ///
  /// - Parameter bytes: the storage's bytes; the view was checked against it.
  func gather(from bytes: TensorBytes, elementSize: Int) -> TensorBytes {
    guard !isContiguous, elementCount > 0 else {
      return bytes[offset * elementSize..<(offset + elementCount) * elementSize]
    }
    return TensorBytes(count: elementCount * elementSize) { target in
      bytes.withUnsafeBytes { source in
        var index = [Int](repeating: 0, count: shape.count)
        var place = offset
        for element in 0..<elementCount {
          // SAFETY: `place` is offset + Σ index·stride, which check(against:) kept in the storage.
          target.baseAddress!.advanced(by: element * elementSize).copyMemory(
            from: source.baseAddress!.advanced(by: place * elementSize), byteCount: elementSize)
          // Counts up like an odometer, the last axis fastest.
          for axis in shape.indices.reversed() {
            index[axis] += 1
            place += strides[axis]
            if index[axis] < shape[axis] { break }
            place -= shape[axis] * strides[axis]
            index[axis] = 0
          }
        }
      }
    }
  }
}
