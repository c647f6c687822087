import Experiment
import Faces
import Files
import Foundation
import Testing

@Suite struct SplitPlannerTests {
  /// Every label counts in the files that are made here; `plan` puts them into the strata of a rule.
  private struct File {
    let content: ContentHash
    let file: UInt32
    let labels: FaceLabels

    var row: [UInt8] { [labels.age, labels.gender, labels.race] }
  }

  /// A made-up set of `count` files in path order: skewed labels, and one in eight a copy of
  /// another, some with other labels.
  private func files(_ count: Int) throws -> [File] {
    var generator = SplitMix(state: 7)
    var files: [File] = []
    for index in 0..<count {
      let labels = try FaceLabels(
        age: Int(generator.next() % 117) * Int(generator.next() % 117) / 117,
        gender: Int(generator.next() % 2), race: Int(min(generator.next() % 9, 4)))
      if index > 0, generator.next() % 8 == 0 {
        let copied = files[Int(generator.next() % UInt64(index))]
        files.append(
          File(
            content: copied.content, file: UInt32(index),
            labels: generator.next() % 2 == 0 ? copied.labels : labels))
      } else {
        files.append(
          File(
            content: ContentHash(high: generator.next(), low: generator.next()),
            file: UInt32(index),
            labels: labels))
      }
    }
    return files
  }

  private func numbered(_ files: [File]) -> [File] {
    files.enumerated().map {
      File(content: $1.content, file: UInt32($0), labels: $1.labels)
    }
  }

  private enum Side { case train, validation }

  /// Groups that are joined are one; the others stay where they were.
  @Test func nearDuplicatesStandOnOneSide() throws {
    let files = try files(2000)
    // Identical files are in one group, whichever of them is named.
    var firsts: [ContentHash: UInt32] = [:]
    for file in files where firsts[file.content] == nil { firsts[file.content] = file.file }
    let heads = firsts.values.sorted()
    var near: [UInt32: UInt32] = [:]
    for (number, head) in heads.prefix(300).enumerated() { near[head] = UInt32(number / 3) }
    let rule = SplitRule(stratification: .none)
    let plan = try Self.plan(files, near: near, options: rule)
    let alone = try Self.plan(files, options: rule)
    for group in 0..<100 {
      let members = files.filter { near[firsts[$0.content]!] == UInt32(group) }
      #expect(Set(members.map { plan.sides[Int($0.file)] }).count == 1)
    }
    for file in files where near[firsts[file.content]!] == nil {
      #expect(plan.sides[Int(file.file)] == alone.sides[Int(file.file)])
    }
    #expect(plan.train.count + plan.validation.count == files.count)
  }

  /// A plan as arrays of file numbers.
  private struct Plan {
    var train: [UInt32]
    var validation: [UInt32]
    var duplicates: DuplicateReport
    /// Nil for files that are left out.
    var sides: [Side?]
  }

  private static func plan(
    _ files: [File], near: [UInt32: UInt32] = [:], options: SplitRule,
    memory: Int = 1 << 20
  ) throws -> Plan {
    let stratifier = try Stratifier(options.stratification, columns: FaceLabels.columns)
    let splitFiles = files.map { file in
      file.row.withUnsafeBytes {
        SplitFile(content: file.content, file: file.file, row: $0, by: stratifier)
      }
    }
    let plan = try SplitPlanner.plan(
      SpooledList(splitFiles), near: near, options: options,
      spool: Spool(folder: FileManager.default.temporaryDirectory.path, memory: memory))
    #expect(plan.splits.map(\.name) == ["train", "validation"])
    let (train, validation) = (
      try plan.splits[0].samples.elements(), try plan.splits[1].samples.elements()
    )
    var sides = [Side?](repeating: nil, count: files.count)
    for (samples, side) in [(train, Side.train), (validation, .validation)] {
      for sample in samples {
        #expect(sides[Int(sample.file)] == nil && sample.fold == 0)
        sides[Int(sample.file)] = side
      }
    }
    return Plan(
      train: train.map(\.file), validation: validation.map(\.file), duplicates: plan.duplicates,
      sides: sides)
  }

  @Test(arguments: stratifications, DuplicatePolicy.allCases)
  func littleMemoryGivesTheSamePlan(by: Stratification, policy: DuplicatePolicy) throws {
    let files = try files(3000)
    let options = SplitRule(stratification: by, duplicates: policy)
    let roomy = try Self.plan(files, options: options)
    let tight = try Self.plan(files, options: options, memory: 5000)
    #expect(roomy.train == tight.train && roomy.validation == tight.validation)
    #expect(roomy.duplicates == tight.duplicates)
  }

  private static let stratifications: [Stratification] = [
    .none, ["gender"], ["gender", "race"], .all,
  ]

  @Test(arguments: stratifications, DuplicatePolicy.allCases)
  func everyFileHasItsPlaceAndNothingLeaks(by: Stratification, policy: DuplicatePolicy) throws {
    let files = try files(3000)
    let plan = try Self.plan(
      files, options: SplitRule(stratification: by, duplicates: policy))
    #expect(plan.sides.count == files.count)
    for (order, side) in [(plan.train, Side.train), (plan.validation, .validation)] {
      let expected = plan.sides.indices.filter { plan.sides[$0] == side }
      #expect(order.map(Int.init).sorted() == expected)
      #expect(order.map(Int.init) != expected, "the order is shuffled")
    }
    #expect(plan.sides.count { $0 == nil } == plan.duplicates.leftOut)
    let train = Set(plan.train.map { files[Int($0)].content })
    let validation = Set(plan.validation.map { files[Int($0)].content })
    #expect(train.isDisjoint(with: validation) == (policy != .ignore))

    let copies = Dictionary(grouping: files.indices) { files[$0].content }.values
    let groups = copies.filter { $0.count > 1 }
    #expect(plan.duplicates.groups == groups.count)
    #expect(plan.duplicates.files == groups.reduce(0) { $0 + $1.count })
    #expect(
      plan.duplicates.conflictingGroups
        == groups.count { group in Set(group.map { files[$0].labels }).count > 1 })
    for group in copies {
      let kept = group.filter { plan.sides[$0] != nil }
      switch policy {
      case .together, .ignore: #expect(kept.count == group.count)
      case .first: #expect(kept == [group.min()!])
      case .drop: #expect(kept.count == (group.count == 1 ? 1 : 0))
      }
    }
  }

  @Test(arguments: stratifications, [0.0, 0.1, 0.2, 0.5, 0.9])
  func theShareIsRight(by: Stratification, share: Double) throws {
    let files = try files(6000)
    let plan = try Self.plan(
      files,
      options: SplitRule(validation: share, stratification: by, duplicates: .first))
    let kept = Double(plan.train.count + plan.validation.count)
    // Strata round each by less than one; without strata the deviation is binomial: 5 sigma.
    let tolerance = by.isEmpty ? 5 * (kept * share * (1 - share)).squareRoot() : 120
    #expect(abs(Double(plan.validation.count) - share * kept) <= tolerance)
    if share == 0 { #expect(plan.validation.isEmpty) }
  }

  @Test func strataHaveTheirShareToOneFile() throws {
    let files = try files(6000)
    let plan = try Self.plan(
      files, options: SplitRule(stratification: ["gender", "race"], duplicates: .first))
    for gender in 0..<2 as Range<UInt8> {
      for race in 0..<5 as Range<UInt8> {
        let members = files.indices.filter {
          plan.sides[$0] != nil && files[$0].labels.gender == gender
            && files[$0].labels.race == race
        }
        let validating = members.count { plan.sides[$0] == .validation }
        #expect(abs(Double(validating) - 0.2 * Double(members.count)) < 1)
      }
    }
  }

  @Test func smallStrataAreFairOnAverage() throws {
    // 2000 seeds of one stratum of two files: 0.4 expected in validation, not always none.
    let pair = [
      File(
        content: ContentHash(high: 1, low: 1), file: 0,
        labels: try FaceLabels(age: 90, gender: 0, race: 4)),
      File(
        content: ContentHash(high: 2, low: 2), file: 1,
        labels: try FaceLabels(age: 91, gender: 0, race: 4)),
    ]
    let total = try (0..<2000).reduce(0) { total, seed in
      try total
        + Self.plan(pair, options: SplitRule(seed: UInt64(seed))).validation.count
    }
    #expect((700...900).contains(total))
  }

  @Test(arguments: stratifications)
  func addingFilesMovesOnlyTheBoundary(by: Stratification) throws {
    let all = try files(4000)
    // The last hundred are new, and unlike the others not copies of what was there.
    var generator = SplitMix(state: 99)
    let added = all[..<100].map {
      File(
        content: ContentHash(high: generator.next(), low: generator.next()),
        file: UInt32(all.count) + $0.file, labels: $0.labels)
    }
    let options = SplitRule(stratification: by)
    let before = try Self.plan(all, options: options)
    let after = try Self.plan(all + added, options: options)
    let moved = all.indices.count { before.sides[$0] != after.sides[$0] }
    #expect(by.isEmpty ? moved == 0 : moved <= 100)
    // The order of those that stayed is the order they had.
    let stayed = Set(
      all.indices.filter { before.sides[$0] == .train && after.sides[$0] == .train }
        .map(UInt32.init))
    #expect(before.train.filter(stayed.contains) == after.train.filter(stayed.contains))
  }

  @Test func pathOrderDoesNotMatterWithoutDuplicates() throws {
    var seen: Set<ContentHash> = []
    let files = try numbered(files(2000).filter { seen.insert($0.content).inserted })
    let options = SplitRule()
    let plan = try Self.plan(files, options: options)
    let reversed = try Self.plan(numbered(files.reversed()), options: options)
    #expect(
      plan.train.map { files[Int($0)].content }
        == reversed.train.map { files[files.count - 1 - Int($0)].content })
  }

  @Test func seedsDiffer() throws {
    let files = try files(2000)
    let first = try Self.plan(files, options: SplitRule(seed: 1))
    let again = try Self.plan(files, options: SplitRule(seed: 1))
    let other = try Self.plan(files, options: SplitRule(seed: 2))
    #expect(first.train == again.train && first.validation == again.validation)
    let common = Set(first.validation).intersection(other.validation).count
    #expect(common < first.validation.count / 2)
    #expect(first.train != other.train)
  }

  @Test func noFiles() throws {
    let plan = try Self.plan([], options: SplitRule())
    #expect(plan.train.isEmpty && plan.validation.isEmpty && plan.duplicates == DuplicateReport())
  }

  @Test func stratificationsHaveNames() throws {
    #expect(Stratification(of: []) == Stratification.none)
    #expect(Stratification(of: ["age", "gender"]) == ["age", "gender"])
    #expect(Stratification.all.description == "all")
    for names in [[""], ["age", "age"], ["none", "age"], ["Gender"]] {
      #expect(Stratification(of: names) == nil)
    }
    #expect(try Stratifier(.all, columns: FaceLabels.columns).names == ["gender", "race", "age"])
    let error = #expect(throws: LabelSourceError.self) {
      try Stratifier(["gendr"], columns: FaceLabels.columns)
    }
    #expect(error?.description.contains("did you mean gender?") == true)
  }

  @Test func strataOfUTKFaceAreStable() throws {
    // The split of every store that was built depends on these numbers.
    let stratifier = try Stratifier(.all, columns: FaceLabels.columns)
    let row: [UInt8] = [116, 1, 4]
    #expect(row.withUnsafeBytes { stratifier.stratum(of: $0) } == 1 | 4 << 8 | 11 << 16)
  }

  @Test(arguments: [Stratification.none, .all])
  func threeSplitsAndFolds(by: Stratification) throws {
    let files = try files(6000)
    var rule = SplitRule(stratification: by, duplicates: .together)
    rule.heldOut = [.init("validation", 0.2), .init("test", 0.1)]
    rule.folds = 5
    let stratifier = try Stratifier(by, columns: FaceLabels.columns)
    let plan = try SplitPlanner.plan(
      SpooledList(
        files.map { file in
          file.row.withUnsafeBytes {
            SplitFile(content: file.content, file: file.file, row: $0, by: stratifier)
          }
        }), options: rule, spool: Spool(folder: NSTemporaryDirectory()))
    #expect(plan.splits.map(\.name) == ["train", "test"])
    let train = try plan.splits[0].samples.elements()
    let test = try plan.splits[1].samples.elements()
    #expect(train.count + test.count == files.count)
    #expect(abs(test.count - 600) < 120)
    for fold in 0..<5 as Range<UInt8> {
      #expect(abs(train.count { $0.fold == fold } - train.count / 5) < 200)
    }
    // Copies are in one fold.
    var folds: [ContentHash: UInt8] = [:]
    for sample in train {
      let content = files[Int(sample.file)].content
      #expect(folds[content, default: sample.fold] == sample.fold)
      folds[content] = sample.fold
    }
    rule.folds = nil
    let held = try SplitPlanner.plan(
      SpooledList(
        files.map { file in
          file.row.withUnsafeBytes {
            SplitFile(content: file.content, file: file.file, row: $0, by: stratifier)
          }
        }), options: rule, spool: Spool(folder: NSTemporaryDirectory()))
    // A further split takes from training alone.
    let alone = try Self.plan(files, options: SplitRule(stratification: by))
    #expect(try held.splits[1].samples.elements().map(\.file) == alone.validation)
    #expect(held.splits.map(\.name) == ["train", "validation", "test"])
  }

  @Test func aFileSaysTheSplits() throws {
    let files = (0..<10).map {
      SplitFile(
        content: ContentHash(high: UInt64($0 / 2), low: 0), file: UInt32($0), labels: 0, stratum: 0,
        assigned: UInt8($0 % 3))
    }
    let plan = try SplitPlanner.plan(
      SpooledList(files), options: SplitRule(), names: ["train", "dev", "test"],
      spool: Spool(folder: NSTemporaryDirectory()))
    for (number, split) in plan.splits.enumerated() {
      #expect(
        try Set(split.samples.elements().map(\.file))
          == Set((0..<10).filter { $0 % 3 == number }.map { UInt32($0) }))
    }
  }

  @Test func contentHashTakesTheFirstSixteenBytes() {
    let digest = (0..<32).map(UInt8.init)
    #expect(
      digest.withUnsafeBytes(ContentHash.init)
        == ContentHash(high: 0x0001_0203_0405_0607, low: 0x0809_0A0B_0C0D_0E0F))
  }
}

/// SplitMix64 (Steele, Lea and Flood, 2014), for made-up data.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z &>> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z &>> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z &>> 31
  }
}
