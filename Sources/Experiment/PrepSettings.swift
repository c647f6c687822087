/// The `prep:` section of a pipeline: how a folder of images becomes a shard store.
///
/// A new value holds the defaults. Reading a file changes what the file names; flags are assigned
/// on top; `validate` checks the result.
package struct PrepSettings: Equatable, Sendable {
  /// A folder of images, or archives.
  package var source: [String] = []
  /// Folder of the store.
  package var output: String?
  /// Width and height of a stored image, in pixels.
  package var size = 32
  package var labels = LabelSettings()
  package var split = SplitRule()
  package var codec = PixelCodec.predictive
  package var samplesPerShard = 4096
  /// Worker threads; nil for as many as the process has cores.
  package var threads: Int?
  /// How many files may be rejected before the build stops; nil for any number.
  package var maxRejects: RejectLimit?
  /// Whether irregular timestamps are rejected and not only warned about.
  package var strict = false

  package init() {}
}

/// A bound on rejected files: a number of them, or a share of the files found.
package enum RejectLimit: Equatable, Sendable {
  case count(Int)
  /// From 0 to 100.
  case percent(Double)

  /// Reads `12` or `2.5%`; nil for anything else.
  package init?(_ text: String) {
    if text.hasSuffix("%") {
      guard let share = Double(text.dropLast()), share.isFinite, share >= 0, share <= 100 else {
        return nil
      }
      self = .percent(share)
    } else {
      guard let count = Int(text), count >= 0 else { return nil }
      self = .count(count)
    }
  }

  package var text: String {
    switch self {
    case .count(let count): "\(count)"
    case .percent(let share): "\(share)%"
    }
  }

  /// The number of rejects among `found` files that is still allowed.
  package func allowed(of found: Int) -> Int {
    switch self {
    case .count(let count): count
    case .percent(let share): Int(Double(found) * share / 100)
    }
  }
}
