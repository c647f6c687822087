import Glibc

extension FileList {
  /// The indices of the paths in the bytewise order of the paths.
  func bytewiseOrder() -> [Int] {
    (0..<count).sorted { first, second in
      withPath(at: first) { a in
        withPath(at: second) { b in
          let common = min(a.count, b.count)
          let order = common == 0 ? 0 : memcmp(a.baseAddress!, b.baseAddress!, common)
          return order == 0 ? a.count < b.count : order < 0
        }
      }
    }
  }
}
