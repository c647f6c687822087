import Foundation
import Testing

/// A concept is declared once: docs/architecture.md names the types, this test looks for them.
@Suite struct ArchitectureTests {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The types of the table and the path below which each is declared.
  static func table() throws -> [(type: String, path: String)] {
    try String(contentsOf: root.appendingPathComponent("docs/architecture.md"), encoding: .utf8)
      .split(separator: "\n").filter { $0.contains("| `Sources/") }
      .flatMap { row in
        let cells = row.split(separator: "|").map { $0.split(separator: "`") }
        return cells[1].filter { $0.first?.isLetter == true }
          .map { (String($0), String(cells[2][1])) }
      }
  }

  /// By type, the files with a declaration of that name that is not inside another.
  static func declarations() throws -> [String: [String]] {
    let pattern =
      /(?:(?:package|public|private|final|indirect) )*(?:struct|enum|class|protocol|actor|typealias) (\w+)/
    var files: [String: [String]] = [:]
    let paths = FileManager.default.enumerator(atPath: root.path + "/Sources")
    while let path = paths?.nextObject() as? String {
      guard path.hasSuffix(".swift") else { continue }
      let text = try String(contentsOfFile: "\(root.path)/Sources/\(path)", encoding: .utf8)
      for line in text.split(separator: "\n") {
        guard let match = line.prefixMatch(of: pattern) else { continue }
        files[String(match.1), default: []].append("Sources/\(path)")
      }
    }
    return files
  }

  @Test func everyConceptIsDeclaredOnce() throws {
    let table = try Self.table()
    let declarations = try Self.declarations()
    #expect(table.count > 25)
    for (type, path) in table {
      let files = declarations[type] ?? []
      #expect(files.count == 1 && files[0].hasPrefix(path), "\(type): \(files)")
    }
  }
}
