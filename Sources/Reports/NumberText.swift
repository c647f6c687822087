import Foundation
import Terminal

/// Numbers as the pages show them, the same in every locale.
enum NumberText {
  /// About four significant digits: 0.0123, 1.234, 12.34, 123.4, 12,345; tiny and huge ones with an
  /// exponent.
  static func significant(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    return switch abs(value) {
    case 0: "0"
    case ..<0.0005, 1e7...: String(format: "%.2e", value)
    case ..<0.1: fixed(value, 4)
    case ..<10: fixed(value, 3)
    case ..<100: fixed(value, 2)
    case ..<1000: fixed(value, 1)
    default: grouped(Int(value.rounded()))
    }
  }

  /// 0.8912 as "89.1 %", which does not break at the end of a line.
  static func share(_ share: Double) -> String {
    guard share.isFinite, abs(share) < 1e6 else { return "–" }
    // "100.0" is wider than a table's cell, and says no more.
    return fixed(100 * share, abs(share) < 0.9995 ? 1 : 0) + "\u{202F}%"
  }

  /// A coordinate in a drawing: a tenth of a unit is less than a pixel.
  static func coordinate(_ value: Double) -> String {
    let text = fixed(value, 1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
