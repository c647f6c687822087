import Files

/// Joins photographs that are the same picture, re-encoded or slightly recropped.
///
/// The hash finds the candidates, the stored pixels decide. What is joined depends on the samples
/// alone: pairs are looked at in the order of their numbers.
package struct NearDuplicateGroups {
  /// Pixels that correlate more are the same photograph.
  package static let threshold = 0.98
  /// Signatures that are kept, of 3 KiB each.
  private static let keptSignatures = 2048

  private let signature: (UInt32) throws -> PixelSignature
  private var kept: [UInt32: PixelSignature] = [:]

  /// - Parameter signature: the pixels of a sample, by its number.
  package init(signature: @escaping (UInt32) throws -> PixelSignature) {
    self.signature = signature
  }

  /// Joins the samples of all pairs whose pixels agree.
  ///
  /// - Parameter sets: may hold groups already, such as byte-identical files; their pairs are not
  ///   compared.
  /// - Returns: the number of pairs that were compared and found to agree.
  /// - Throws: `SpoolError`, and whatever `signature` throws.
  package mutating func join(
    _ pairs: SpooledList<NearDuplicateSearch.Pair>, in sets: inout DisjointSets
  ) throws -> Int {
    var found = 0
    try pairs.forEachElement { pair in
      guard !sets.areJoined(pair.first, pair.second) else { return }
      let correlation = try pixels(pair.first).correlation(with: pixels(pair.second))
      guard correlation > Self.threshold else { return }
      sets.join(pair.first, pair.second)
      found += 1
    }
    return found
  }

  private mutating func pixels(_ sample: UInt32) throws -> PixelSignature {
    if let found = kept[sample] { return found }
    if kept.count == Self.keptSignatures { kept.removeAll(keepingCapacity: true) }
    let made = try signature(sample)
    kept[sample] = made
    return made
  }
}
