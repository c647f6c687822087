/// Counts labels one face at a time; `LabelStatistics` tells what was counted.
package struct LabelCounter: Sendable {
  /// By year, 117 of them.
  private(set) var ages = [Int](repeating: 0, count: FaceLabels.ageRange.count)
  /// 2 rows (gender) of 5 counts (race).
  private(set) var table = Array(
    repeating: Array(repeating: 0, count: FaceLabels.raceNames.count),
    count: FaceLabels.genderNames.count)
  package private(set) var count = 0

  package init(_ faces: some Sequence<FaceLabels> = EmptyCollection<FaceLabels>()) {
    for face in faces { add(face) }
  }

  package mutating func add(_ face: FaceLabels) {
    ages[Int(face.age)] += 1
    table[Int(face.gender)][Int(face.race)] += 1
    count += 1
  }
}
