import Terminal

/// Says what a file is that was given as weights and is not: a web page, an archive, a pointer.
struct UnknownFile {
  private static let resave = "save the weights as .safetensors or with torch.save"

  /// First bytes, what the file then is, and what to do.
  private static let signatures: [([UInt8], String)] = [
    ([0x1F, 0x8B], "is compressed with gzip; unpack it first (gunzip)"),
    (Array("BZh".utf8), "is compressed with bzip2; unpack it first (bunzip2)"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "is compressed with xz; unpack it first (unxz)"),
    ([0x28, 0xB5, 0x2F, 0xFD], "is compressed with zstd; unpack it first (unzstd)"),
    ([0x37, 0x7A, 0xBC, 0xAF], "is a 7-Zip archive; unpack it first"),
    (Array("Rar!".utf8), "is a RAR archive; unpack it first"),
    ([0x89, 0x48, 0x44, 0x46], "is an HDF5 file, as Keras writes it; \(resave)"),
    (Array("GGUF".utf8), "is a GGUF file of llama.cpp; \(resave)"),
    ([0x93] + Array("NUMPY".utf8), "is an array of numpy.save; \(resave)"),
    ([0xFF, 0xD8, 0xFF], "is a JPEG image, not weights"),
    ([0x89] + Array("PNG".utf8), "is a PNG image, not weights"),
    (Array("GIF8".utf8), "is a GIF image, not weights"),
    (Array("%PDF".utf8), "is a PDF document, not weights"),
    ([0x7F] + Array("ELF".utf8), "is a program or library, not weights"),
    (
      Array("version https://git-lfs".utf8),
      "is a Git LFS pointer, not the file it points to; get that with git lfs pull"
    ),
  ]

  private let bytes: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// One sentence, or nil where the file may be a damaged safetensors file.
  var sentence: String? {
    if let known = Self.signatures.first(where: { bytes.starts(with: $0.0) }) { return known.1 }
    let start = bytes.prefix(4096)
    if start.allSatisfy({ $0 == 0 }), start.count > 8 {
      return "begins with \(start.count) zero bytes, like an unfinished download; "
        + "get the file again"
    }
    if let text = text(start) { return text }
    // ModelProto: ir_version, a small varint in field 1, then producer, domain or graph.
    if bytes.count > 3, bytes[0] == 0x08, bytes[1] < 0x20, [0x12, 0x1A, 0x3A].contains(bytes[2]) {
      return "seems to be an ONNX model, from which no weights are read; \(Self.resave)"
    }
    guard bytes.count > 8, bytes[8] != 0x7B else { return nil }
    let some = bytes.prefix(8).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
    return "is neither a safetensors file nor one of torch.save: it begins with the bytes "
      + some.joined(separator: " ")
  }

  /// What a file of text is: a page, JSON, or what its first words are.
  private func text(_ start: Slice<UnsafeRawBufferPointer>) -> String? {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let body = (start.starts(with: mark) ? start.dropFirst(3) : start).drop {
      $0 == 0x20 || (0x09...0x0D).contains($0)
    }
    // The first words of a text have no control characters, which a length and numbers would have.
    guard let first = body.first,
      body.prefix(16).allSatisfy({ $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0) }),
      case let words = String(decoding: body, as: UTF8.self),
      !words.prefix(12).contains("\u{FFFD}")
    else { return nil }
    switch first {
    case UInt8(ascii: "<"):
      return "is a web page or XML, not weights: the download failed; get the file again"
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      return words.contains("\"weight_map\"")
        ? "is the index of a model in several files (JSON), without weights; join these files into "
          + "one .safetensors file"
        : "is JSON text, not weights"
    default:
      let line = words.prefix(while: { !$0.isNewline })
      return "is text, not weights: it begins with \(quoted(String(line), limit: 40))"
    }
  }
}
