/// How much an archive may unpack to, so that a small hostile file cannot fill memory or keep a
/// machine busy for days.
package struct ArchiveLimits: Sendable {
  /// Bytes of one entry; a larger one is passed over with its reason.
  package var entryByteCount = 1 << 28
  /// Bytes of all entries together.
  package var totalByteCount = 1 << 42
  /// Unpacked bytes for a byte of the archive. Photographs are compressed already: they have 1, and
  /// nothing that deflate makes has more than 1,032.
  package var ratio = 100
  /// The ratio does not count below this many unpacked bytes.
  package var ratioFloor = 1 << 26

  package init() {}
}
