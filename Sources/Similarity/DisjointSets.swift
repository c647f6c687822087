/// Groups of numbered elements that are joined pair by pair, with eight bytes an element.
///
/// Source: Galler and Fischer, "An improved equivalence algorithm", 1964; Tarjan, "Efficiency of a
/// good but not linear set union algorithm", 1975.
package struct DisjointSets: Sendable {
  private var parents: [UInt32]
  private var sizes: [UInt32]

  /// `count` groups of one element.
  package init(count: Int) {
    parents = (0..<UInt32(count)).map { $0 }
    sizes = [UInt32](repeating: 1, count: count)
  }

  /// An element that stands for the group of `element`, the same for all of its members.
  package mutating func root(of element: UInt32) -> UInt32 {
    var element = element
    while parents[Int(element)] != element {
      // Every other link of the path is shortened.
      parents[Int(element)] = parents[Int(parents[Int(element)])]
      element = parents[Int(element)]
    }
    return element
  }

  package mutating func join(_ a: UInt32, _ b: UInt32) {
    var (a, b) = (root(of: a), root(of: b))
    guard a != b else { return }
    if sizes[Int(a)] < sizes[Int(b)] { swap(&a, &b) }
    parents[Int(b)] = a
    sizes[Int(a)] += sizes[Int(b)]
  }

  package mutating func areJoined(_ a: UInt32, _ b: UInt32) -> Bool { root(of: a) == root(of: b) }

  /// The number of elements in the group of `element`.
  package mutating func size(ofGroupWith element: UInt32) -> Int {
    Int(sizes[Int(root(of: element))])
  }
}
