/// The candidate with the fewest single-letter edits from `name`, if that is close enough to be
/// what was meant: at most a third of the letters, and at least one edit is always allowed.
package func nearestName(to name: String, in candidates: [String]) -> String? {
  guard name.utf8.count <= 64 else { return nil }
  let word = Array(name.lowercased().map { $0 == "-" ? "_" : $0 })
  var best: (name: String, distance: Int)?
  for candidate in candidates {
    let distance = editDistance(word, Array(candidate))
    if distance < best?.distance ?? .max { best = (candidate, distance) }
  }
  guard let best, best.distance <= max(2, best.name.count / 3) else { return nil }
  return best.name
}

/// Levenshtein's distance, in two rows of the table.
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var row = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, y) in b.enumerated() {
      let substituted = diagonal + (x == y ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[b.count]
}
