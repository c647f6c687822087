import Images

/// The files that a source passes over, counted by kind.
///
/// ```
/// 3 .webp, 1 .heic: not supported; 12 hidden, 2 .txt
/// ```
package struct IgnoredFiles: Sendable, CustomStringConvertible {
  package private(set) var count = 0
  /// By extension with its dot, or "hidden", "__MACOSX", "pipe or device" and "other".
  package private(set) var kinds: [String: Int] = [:]

  /// A folder can hold more extensions than anybody wants to read; the rest counts as "other".
  private static let mostKinds = 40

  /// The kind of what is neither a file nor a folder.
  static let special = "pipe or device"

  package init() {}

  mutating func add(_ kind: String) {
    count += 1
    let isKnown = kinds[kind] != nil || kinds.count < Self.mostKinds
    kinds[isKnown ? kind : "other", default: 0] += 1
  }

  /// Adds a file that is not named like a photograph.
  mutating func add(named name: [UInt8]) {
    let letters = name.lastIndex(of: UInt8(ascii: ".")).map { name[($0 + 1)...] } ?? []
    let isPlain = letters.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
    }
    guard (1...8).contains(letters.count), isPlain else { return add("other") }
    add("." + String(decoding: letters, as: UTF8.self).lowercased())
  }

  package static func += (a: inout Self, b: Self) {
    for (kind, count) in b.kinds {
      for _ in 0..<count { a.add(kind) }
    }
  }

  /// The images whose format is not read; nil where there are none.
  package var unsupported: String? {
    let names = list { ImageFormat.isUnsupported(extension: Array($0.utf8)[1...]) }
    return names.isEmpty ? nil : names + ": not supported"
  }

  /// What a user may have taken for photographs; nil where there is nothing of it.
  package var notable: String? {
    let special = kinds[Self.special].map { "\($0) \(Self.special)" }
    let parts = [unsupported, special].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  package var description: String {
    let others = list { !ImageFormat.isUnsupported(extension: Array($0.utf8)[1...]) }
    return [unsupported ?? "", others].filter { !$0.isEmpty }.joined(separator: "; ")
  }

  /// Counts and kinds, the most frequent first.
  private func list(_ isMeant: (String) -> Bool) -> String {
    kinds.filter { isMeant($0.key) }.sorted { (-$0.value, $0.key) < (-$1.value, $1.key) }
      .map { "\($0.value) \($0.key)" }.joined(separator: ", ")
  }
}
