import Checksums

/// Which recipe a run was trained with: SHA-256 of the recipe's document, without paths and
/// whatever else does not change a result.
package struct RecipeIdentity: Sendable, Equatable {
  package let sha256: String

  package init(sha256: String) { self.sha256 = sha256 }

  package init(document: String) {
    sha256 = Array(document.utf8).withUnsafeBytes { SHA256Digest.hex(of: $0) }
  }
}
