/// Splits a data set into training and validation: seeded, stratified, and without leaks.
///
/// The split is a function of seed, content and labels, never of names or of the number of files:
///
/// - Files of identical bytes form one group, and a group goes to one side. It counts in the
///   stratum of its first file.
/// - A group's place is a keyed hash of its content. In a stratum of n groups, the lowest
///   floor(v·n + u) validate, where v is the validation share and u, in [0, 1), is a hash of the
///   stratum: over many strata the share is right on average, though no stratum knows of others.
///   More files move only the groups next to that boundary.
/// - Without strata, a group validates if its hash is below v·2^64: no other file matters at all.
public enum SplitPlanner {
  // Keys that keep the hashes of the three purposes apart: "place", "quota" and "order" in ASCII.
  private static let placeKey: UInt64 = 0x70_6c61_6365
  private static let quotaKey: UInt64 = 0x71_756f_7461
  private static let orderKey: UInt64 = 0x6f_7264_6572

  /// A group of files that go to the same side: a stretch of the files sorted by content.
  private struct Group {
    let stratum: UInt64
    let place: UInt64
    let range: Range<Int>
  }

  /// - Parameter files: in path order; the order decides which of identical files is the first.
  /// - Complexity: O(n log n) time, about 50 bytes a file.
  public static func plan(_ files: [SplitFile], options: SplitOptions) -> SplitPlan {
    precondition(files.count <= Int(UInt32.max), "a split has at most 2^32 files")
    let byContent = (0..<UInt32(files.count)).sorted {
      (files[Int($0)].content, $0) < (files[Int($1)].content, $1)
    }
    var report = DuplicateReport()
    let groups = groups(of: files, byContent, options, &report)

    var sides = [SplitSide](repeating: .leftOut, count: files.count)
    for (group, side) in zip(groups, choose(groups, options)) {
      for position in group.range { sides[Int(byContent[position])] = side }
    }
    report.leftOut = sides.count { $0 == .leftOut }

    let orderHashes = orderHashes(of: files, byContent, seed: options.seed)
    let order = (0..<UInt32(files.count)).sorted {
      (orderHashes[Int($0)], $0) < (orderHashes[Int($1)], $1)
    }
    return SplitPlan(
      sides: sides, train: order.filter { sides[Int($0)] == .train },
      validation: order.filter { sides[Int($0)] == .validation }, duplicates: report)
  }

  /// The groups that are kept, ordered by (stratum, place).
  private static func groups(
    of files: [SplitFile], _ byContent: [UInt32], _ options: SplitOptions,
    _ report: inout DuplicateReport
  ) -> [Group] {
    var groups: [Group] = []
    groups.reserveCapacity(files.count)
    func add(_ range: Range<Int>, ordinal: Int) {
      let first = files[Int(byContent[range.lowerBound])]
      let place = SipHash.hash(
        first.content.high, first.content.low, UInt64(ordinal), key0: options.seed, key1: placeKey)
      groups.append(
        Group(
          stratum: options.stratification.stratum(of: first.labels), place: place, range: range))
    }
    var start = 0
    while start < byContent.count {
      let first = files[Int(byContent[start])]
      var end = start + 1
      var conflict = false
      while end < byContent.count, files[Int(byContent[end])].content == first.content {
        conflict = conflict || files[Int(byContent[end])].labels != first.labels
        end += 1
      }
      let isDuplicate = end - start > 1
      if isDuplicate {
        report.groups += 1
        report.files += end - start
        report.conflictingGroups += conflict ? 1 : 0
      }
      switch options.duplicates {
      case .together: add(start..<end, ordinal: 0)
      case .first: add(start..<start + 1, ordinal: 0)
      case .drop where isDuplicate: break
      case .drop: add(start..<end, ordinal: 0)
      case .ignore: for index in start..<end { add(index..<index + 1, ordinal: index - start) }
      }
      start = end
    }
    // Equal places (one in 2^64) stay in content order: `range` starts are unique.
    groups.sort {
      ($0.stratum, $0.place, $0.range.lowerBound) < ($1.stratum, $1.place, $1.range.lowerBound)
    }
    return groups
  }

  /// The side of each group; `groups` is ordered by (stratum, place).
  private static func choose(_ groups: [Group], _ options: SplitOptions) -> [SplitSide] {
    guard !options.stratification.isEmpty else {
      return groups.map { unit($0.place) < options.validation ? .validation : .train }
    }
    var sides: [SplitSide] = []
    sides.reserveCapacity(groups.count)
    var start = 0
    while start < groups.count {
      let stratum = groups[start].stratum
      var end = start
      while end < groups.count, groups[end].stratum == stratum { end += 1 }
      let offset = unit(SipHash.hash(stratum, key0: options.seed, key1: quotaKey))
      let quota = Int(options.validation * Double(end - start) + offset)
      for index in start..<end { sides.append(index - start < quota ? .validation : .train) }
      start = end
    }
    return sides
  }

  /// The hash that orders the samples: of the content, and of the ordinal among identical files, so
  /// that duplicates do not stand side by side.
  private static func orderHashes(
    of files: [SplitFile], _ byContent: [UInt32], seed: UInt64
  ) -> [UInt64] {
    var hashes = [UInt64](repeating: 0, count: files.count)
    var ordinal: UInt64 = 0
    for (position, index) in byContent.enumerated() {
      let content = files[Int(index)].content
      let repeats = position > 0 && files[Int(byContent[position - 1])].content == content
      ordinal = repeats ? ordinal + 1 : 0
      hashes[Int(index)] = SipHash.hash(
        content.high, content.low, ordinal, key0: seed, key1: orderKey)
    }
    return hashes
  }

  /// The top 53 bits as a fraction in [0, 1).
  private static func unit(_ hash: UInt64) -> Double { Double(hash >> 11) * 0x1p-53 }
}
