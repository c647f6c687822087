import Checksums
import Experiment
import Files

/// Plans a split that is seeded, stratified, and without leaks.
///
/// The split is a function of seed, content and labels, never of names or of the number of files:
///
/// - Files of identical bytes form one group, and a group goes to one side. It counts in the
///   stratum of its first file. Groups that hold nearly equal photographs are one group; it has the
///   place and the stratum of the one with the lowest content, so that without such photographs the
///   split is the same.
/// - A group's place is a keyed hash of its content. In a stratum of n groups, the lowest
///   floor(v·n + u) validate, where v is the validation share and u, in [0, 1), is a hash of the
///   stratum: over many strata the share is right on average, though no stratum knows of others.
///   More files move only the groups next to that boundary. Further splits take the next places.
/// - Without strata, a group validates if its hash is below v·2^64: no other file matters at all.
/// - Folds are equal stretches of the places that are left to train, the first a hash of the stratum.
/// - Where a file says the split of a path, that counts and nothing else.
///
/// Three sorts make it: by content, which finds the groups; by stratum and place, which gives each
/// group its side; by a hash, which is the order of the samples. Memory does not grow with the files.
package enum SplitPlanner {
  /// - Parameters:
  ///   - files: in path order; the order decides which of identical files is the first.
  ///   - names: of the splits that `SplitFile.assigned` counts, the training split first; empty where
  ///     the rule's shares make the splits.
  ///   - near: of files that are nearly equal to others, the number of their group. Of identical
  ///     files only the first counts.
  ///   - spool: where the lists go that are large.
  /// - Throws: `FileError`.
  /// - Complexity: O(n log n) time.
  package static func plan(
    _ files: SpooledList<SplitFile>, near: [UInt32: UInt32] = [:], options: SplitRule,
    names: [String] = [], spool: Spool
  ) throws -> SplitPlan {
    precondition(files.count <= Int(UInt32.max), "a split has at most 2^32 files")
    var byContent = ExternalSorter<ContentEntry>(spool)
    try files.forEachElement { try byContent.add(ContentEntry($0)) }

    var grouping = Grouping(options, near, spool)
    try byContent.forEachElement { try grouping.add($0.split) }
    try grouping.finish()
    var report = grouping.report
    let groupCounts = grouping.groupCounts

    var byOrder = ExternalSorter<OrderedFile>(spool)
    var sides = Sides(options, groupCounts)
    try grouping.forEachPlaced { file in
      let side = sides.side(of: file)
      try byOrder.add(
        OrderedFile(split: side.split, fold: side.fold, file: file.file, order: file.order))
    }
    report.leftOut = files.count - byOrder.count

    let names = names.isEmpty ? [SplitRule.train] + options.madeSplits.map(\.name) : names
    var splits: [PlannedSplit] = []
    var samples = SpooledListWriter<SplitSample>(spool)
    try byOrder.forEachElement { file in
      while splits.count < Int(file.split) {
        splits.append(
          PlannedSplit(name: names[splits.count], samples: try samples.finish(restarting: spool)))
      }
      try samples.append(SplitSample(file: file.file, fold: file.fold))
    }
    while splits.count < names.count {
      splits.append(
        PlannedSplit(name: names[splits.count], samples: try samples.finish(restarting: spool)))
    }
    return SplitPlan(splits: splits, duplicates: report)
  }

  private struct ContentEntry: BitwiseCopyable, Comparable {
    let split: SplitFile

    init(_ split: SplitFile) { self.split = split }

    static func < (a: Self, b: Self) -> Bool {
      (a.split.content, a.split.file) < (b.split.content, b.split.file)
    }
    static func == (a: Self, b: Self) -> Bool {
      (a.split.content, a.split.file) == (b.split.content, b.split.file)
    }
  }

  /// A file that is kept, and the place of its group.
  fileprivate struct PlacedFile: BitwiseCopyable, Comparable {
    let stratum: UInt64
    let place: UInt64
    let order: UInt64
    /// Of two groups with equal places (one in 2^64), which comes first.
    let group: UInt32
    let file: UInt32
    let assigned: UInt8?

    static func < (a: Self, b: Self) -> Bool {
      (a.stratum, a.place, a.group, a.file) < (b.stratum, b.place, b.group, b.file)
    }
  }

  private struct OrderedFile: BitwiseCopyable, Comparable {
    let split: UInt8
    let fold: UInt8
    let file: UInt32
    let order: UInt64

    static func < (a: Self, b: Self) -> Bool {
      (a.split, a.order, a.file) < (b.split, b.order, b.file)
    }
  }

  // Keys that keep the hashes of the purposes apart: "place", "quota", "order" and "fold" in ASCII.
  fileprivate static let placeKey: UInt64 = 0x70_6c61_6365
  fileprivate static let quotaKey: UInt64 = 0x71_756f_7461
  fileprivate static let foldKey: UInt64 = 0x666f_6c64
  fileprivate static let orderKey: UInt64 = 0x6f_7264_6572

  /// The top 53 bits as a fraction in [0, 1).
  fileprivate static func unit(_ hash: UInt64) -> Double { Double(hash >> 11) * 0x1p-53 }
}

/// Finds the groups of identical files, which come one after the other, applies the policy for
/// duplicates, and gives what is kept its place.
private struct Grouping: ~Copyable {
  /// What the files of a group share.
  private struct Place {
    let stratum: UInt64
    let hash: UInt64
    let group: UInt32
  }

  private let options: SplitRule
  private let near: [UInt32: UInt32]
  /// Of groups of nearly equal photographs, once their first is seen.
  private var joined: [UInt32: Place] = [:]
  /// Of the group that is open.
  private var place = Place(stratum: 0, hash: 0, group: 0)
  private var placed: ExternalSorter<SplitPlanner.PlacedFile>
  private var first: SplitFile?
  private var size = 0
  private var conflict = false
  private var group: UInt32 = 0
  private(set) var report = DuplicateReport()
  /// Kept groups by stratum.
  private(set) var groupCounts: [UInt64: Int] = [:]

  init(_ options: SplitRule, _ near: [UInt32: UInt32], _ spool: Spool) {
    self.options = options
    self.near = near
    placed = ExternalSorter(spool)
  }

  mutating func add(_ file: SplitFile) throws {
    guard let first, first.content == file.content else {
      try finish()
      first = file
      size = 1
      // With `drop`, a file waits until it is known to be alone.
      if options.duplicates != .drop { try keep(file, in: file, ordinal: 0) }
      return
    }
    size += 1
    conflict = conflict || file.labels != first.labels
    switch options.duplicates {
    case .together: try keep(file, in: first, ordinal: size - 1)
    case .ignore: try keep(file, in: file, ordinal: size - 1)
    case .first, .drop: break
    }
  }

  /// Ends the group that is open.
  mutating func finish() throws {
    guard let file = first else { return }
    if size > 1 {
      report.groups += 1
      report.files += size
      report.conflictingGroups += conflict ? 1 : 0
    } else if options.duplicates == .drop {
      try keep(file, in: file, ordinal: 0)
    }
    first = nil
    conflict = false
  }

  /// - Parameters:
  ///   - head: the first file of the group that `file` is split with.
  ///   - ordinal: of `file` among the identical ones. It is part of the order's hash, so that
  ///     duplicates do not stand side by side.
  private mutating func keep(_ file: SplitFile, in head: SplitFile, ordinal: Int) throws {
    if file.file == head.file { place = place(of: head, ordinal: ordinal) }
    try placed.add(
      .init(
        stratum: place.stratum, place: place.hash,
        order: SipHash.hash(
          file.content.high, file.content.low, UInt64(ordinal), key0: options.seed,
          key1: SplitPlanner.orderKey),
        group: place.group, file: file.file, assigned: file.assigned))
  }

  /// The place of the group that begins with `head`.
  private mutating func place(of head: SplitFile, ordinal: Int) -> Place {
    let other = near[head.file]
    if let other, let place = joined[other] { return place }
    group += 1
    groupCounts[head.stratum, default: 0] += 1
    let place = Place(
      stratum: head.stratum,
      hash: SipHash.hash(
        head.content.high, head.content.low, UInt64(ordinal), key0: options.seed,
        key1: SplitPlanner.placeKey),
      group: group)
    if let other { joined[other] = place }
    return place
  }

  /// The kept files, ordered by stratum, place and group.
  consuming func forEachPlaced(_ body: (SplitPlanner.PlacedFile) throws -> Void) throws {
    try placed.forEachElement(body)
  }
}

/// Gives files that come ordered by stratum, place and group their split and fold.
private struct Sides {
  private let isStratified: Bool
  private let seed: UInt64
  private let groupCounts: [UInt64: Int]
  /// The shares of the held-out splits, each with those before it.
  private let shares: [Double]
  private let folds: Int
  private var last: SplitPlanner.PlacedFile?
  private var rank = 0
  /// Groups of the stratum, and the ranks at which the held-out splits end.
  private var count = 0
  private var quotas: [Int] = []
  private var firstFold = 0

  init(_ options: SplitRule, _ groupCounts: [UInt64: Int]) {
    isStratified = !options.stratification.isEmpty
    seed = options.seed
    self.groupCounts = groupCounts
    var sum = 0.0
    shares = options.madeSplits.map {
      sum += $0.share
      return sum
    }
    folds = options.folds ?? 1
  }

  mutating func side(of file: SplitPlanner.PlacedFile) -> (split: UInt8, fold: UInt8) {
    if last?.stratum != file.stratum {
      let offset = SplitPlanner.unit(
        SipHash.hash(file.stratum, key0: seed, key1: SplitPlanner.quotaKey))
      count = groupCounts[file.stratum, default: 0]
      quotas = shares.map { Int($0 * Double(count) + offset) }
      firstFold = Int(
        SipHash.hash(file.stratum, key0: seed, key1: SplitPlanner.foldKey) % UInt64(folds))
      rank = 0
    } else if last?.group != file.group {
      rank += 1
    }
    last = file
    let heldOut =
      isStratified
      ? quotas.firstIndex { rank < $0 }
      : shares.firstIndex { SplitPlanner.unit(file.place) < $0 }
    if let split = file.assigned ?? heldOut.map({ UInt8($0 + 1) }), split > 0 { return (split, 0) }
    // Where a file says the splits, the places of all groups count.
    let first = file.assigned == nil ? quotas.last ?? 0 : 0
    let start = file.assigned == nil ? shares.last ?? 0 : 0
    let place =
      isStratified
      ? Double(rank - first) / Double(max(1, count - first))
      : (SplitPlanner.unit(file.place) - start) / max(1 - start, 1e-9)
    let fold = (min(folds - 1, Int(place * Double(folds))) + firstFold) % folds
    return (0, UInt8(fold))
  }
}

extension SpooledListWriter {
  /// The list of everything that was appended; the writer begins another.
  fileprivate mutating func finish(restarting spool: Spool) throws -> SpooledList<Element> {
    let finished = self
    self = SpooledListWriter(spool)
    return try finished.finish()
  }
}
