/// A line of parts, each with forms from long to short, as long as the width allows.
///
/// ```swift
/// let line = FittedLine(parts: [["epoch 3/30"], ["729 images/s", "729/s", ""]], shortening: [1, 1])
/// line.text(columns: 20)        // "epoch 3/30  729/s"
/// ```
package struct FittedLine: Sendable {
  private let parts: [[String]]
  private let order: [Int]

  /// - Parameters:
  ///   - parts: the forms of every part; an empty form leaves the part out.
  ///   - order: the parts in the order in which they go to their next form.
  package init(parts: [[String]], shortening order: [Int]) {
    self.parts = parts
    self.order = order
  }

  /// The parts two blanks apart, at most `columns` - 1 characters: a terminal that is full to its
  /// last column wraps the cursor.
  package func text(columns: Int) -> String {
    let width = max(columns - 1, 1)
    var forms = parts.map { _ in 0 }
    var steps = order.makeIterator()
    while true {
      let line = zip(parts, forms).compactMap { forms, form in
        forms.indices.contains(form) && !forms[form].isEmpty ? forms[form] : nil
      }.joined(separator: "  ")
      guard line.count > width, let part = steps.next() else { return String(line.prefix(width)) }
      forms[part] = min(forms[part] + 1, parts[part].count - 1)
    }
  }
}
