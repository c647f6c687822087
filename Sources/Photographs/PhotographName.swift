import Images

/// Which base names are those of photographs.
enum PhotographName {
  /// By the extension in any case, also with blanks behind it or without its dot (UTKFace has such
  /// names), or by fields alone where there is no extension.
  static func isPhotograph(_ name: [UInt8]) -> Bool {
    var trimmed = name[...]
    while let last = trimmed.last, isBlank(last) { trimmed.removeLast() }
    if let dot = trimmed.lastIndex(of: UInt8(ascii: ".")) {
      return ImageFormat.isRead(extension: trimmed[(dot + 1)...].drop(while: isBlank))
    }
    // No dot at all: "25_0_1_20170101000000000" or "25_0_1_20170101000000000jpg".
    return trimmed.contains(UInt8(ascii: "_")) && trimmed.first.map(isDigit) == true
  }
}

package func isDigit(_ byte: UInt8) -> Bool {
  byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
}

package func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
