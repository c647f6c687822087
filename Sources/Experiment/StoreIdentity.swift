/// Which data a store holds: what a run, its weights and its reports remember of it.
package struct StoreIdentity: Sendable, Equatable {
  /// Covers every byte of the store: two copies that differ in codec or shard size differ here.
  package let metadataSHA256: String
  /// Covers the image size and, by split and in order, every source and label: what a run was
  /// trained on, wherever it lies and however it is coded. Nil for a store of format version 1.
  package let contentSHA256: String?
  /// By split, covers the sorted sources: who is measured, whatever the size. Empty for a store of
  /// format version 1.
  package let membersSHA256: [String: String]

  package init(
    metadataSHA256: String, contentSHA256: String? = nil, membersSHA256: [String: String] = [:]
  ) {
    self.metadataSHA256 = metadataSHA256
    self.contentSHA256 = contentSHA256
    self.membersSHA256 = membersSHA256
  }

  /// Whether both hold the same samples and labels in the same order. Where one of them does not
  /// say its content, only a copy of the very bytes counts.
  package func hasSameContent(as other: StoreIdentity) -> Bool {
    guard let mine = contentSHA256, let others = other.contentSHA256 else {
      return metadataSHA256 == other.metadataSHA256
    }
    return mine == others
  }

  /// Whether both have the same members in a split; nil where one of them does not say.
  package func hasSameMembers(as other: StoreIdentity, split: String) -> Bool? {
    if metadataSHA256 == other.metadataSHA256 { return true }
    guard let mine = membersSHA256[split], let others = other.membersSHA256[split] else {
      return nil
    }
    return mine == others
  }
}
