import Foundation
import Terminal

/// What the classes of tasks are called, such as `male` and `female`: by task, a name for each
/// number, or none.
///
/// The store's builder knows them; weight files carry them on. Being text from a file, they are
/// made safe for a terminal here, once.
package struct ClassNames: Sendable, Equatable {
  private let names: [String: [String]]

  package init(_ names: [String: [String]] = [:]) {
    self.names = names.mapValues { $0.map { visible($0, limit: 40) } }
  }

  /// Reads what `json` wrote; nil where it is something else.
  package init?(json text: String) {
    guard let names = try? JSONDecoder().decode([String: [String]].self, from: Data(text.utf8))
    else { return nil }
    self.init(names)
  }

  /// The names of a task's classes; empty if they have none.
  package subscript(task: String) -> [String] { names[task] ?? [] }

  /// The name of a class, or its number.
  package func name(of index: Int, task: String) -> String {
    let names = self[task]
    return names.indices.contains(index) && !names[index].isEmpty ? names[index] : "\(index)"
  }

  /// An object of lists, keys in alphabetical order.
  package var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return String(decoding: try encoder.encode(names), as: UTF8.self)
    }
  }

  /// A line for every task with names: `gender: 0 male, 1 female`.
  package var lines: [String] {
    names.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map { task, names in
      "\(visible(task, limit: 40)): "
        + names.enumerated().map { "\($0.offset) \($0.element)" }.joined(separator: ", ")
    }
  }

  /// Tasks with names only.
  var named: [String: [String]] { names.filter { !$0.value.isEmpty } }
}
