import Files
import Testing
import WeightFiles

/// Broken and malicious files of PyTorch's oldest format, a tar archive: each is refused in one
/// sentence.
@Suite struct TarRefusalTests {
  /// The golden archive after an edit, with checksums that fit. The edit gets the bytes and what finds
  /// a member's header by its name.
  static func tar(_ edit: (inout [UInt8], (String) -> Int) -> Void) throws -> [UInt8] {
    var bytes = try goldenBytes("model.tar.pth")
    func header(_ name: String) -> Int {
      let text = Array(name.utf8) + [0]
      return stride(from: 0, to: bytes.count, by: 512).first {
        bytes[$0..<$0 + text.count].elementsEqual(text) && bytes[$0 + 156] == 0x30
      } ?? 0
    }
    let places = ["sys_info", "pickle", "tensors", "storages"].map { ($0, header($0)) }
    edit(&bytes) { name in places.first { $0.0 == name }?.1 ?? 0 }
    for (_, place) in places {
      bytes.replaceSubrange(place + 148..<place + 156, with: [UInt8](repeating: 0x20, count: 8))
      let sum = bytes[place..<place + 512].reduce(0) { $0 + Int($1) }
      let digits = String(sum, radix: 8)
      let field = String(repeating: "0", count: 6 - digits.count) + digits + "\0 "
      bytes.replaceSubrange(place + 148..<place + 156, with: Array(field.utf8))
    }
    return bytes
  }

  static let tarEdits: [(String, @Sendable (inout [UInt8], (String) -> Int) -> Void, String)] = [
    ("a missing member", { $0[$1("tensors")] = 0x54 }, "lacks \"tensors\""),
    ("a link", { $0[$1("pickle") + 156] = 0x32 }, "not a regular file"),
    (
      "a huge member",
      {
        $0.replaceSubrange($1("pickle") + 124..<$1("pickle") + 135, with: Array("77777777777".utf8))
      },
      "claims 8589934591 bytes"
    ),
    ("a size in binary", { $0[$1("pickle") + 124] = 0x80 }, "damaged header"),
    (
      "os.system",
      {
        let bomb = Pickle.whole(Pickle.global("posix", "system"))
        $0.replaceSubrange($1("pickle") + 512..<$1("pickle") + 512 + bomb.count, with: bomb)
      }, "posix.system is refused"
    ),
    (
      "a persistent id of nothing",
      {
        let other = Pickle.whole(Pickle.string("7") + [0x51])
        $0.replaceSubrange($1("pickle") + 512..<$1("pickle") + 512 + other.count, with: other)
      }, "names no tensor of the file"
    ),
    (
      "more storages than there are", { $0[$1("storages") + 515] = 0xFF }, "expected (key, device"
    ),
    (
      "another byte order",
      { bytes, place in
        let start = place("sys_info") + 512
        guard let yes = bytes[start..<start + 100].firstIndex(of: 0x88) else { return }
        bytes[yes] = 0x89
      }, "another byte order"
    ),
    (
      "a huge count of elements",
      { bytes, place in
        let start = place("storages") + 512
        let stop = bytes[(start + 20)...].firstIndex(of: 0x2E) ?? 0
        bytes.replaceSubrange(stop + 1..<stop + 9, with: littleEndian(Int64.max / 2))
      }, "reaches beyond its member"
    ),
    (
      "seventeen dimensions",
      { bytes, place in
        let start = place("tensors") + 512
        let stop = bytes[(start + 20)...].firstIndex(of: 0x2E) ?? 0
        bytes[stop + 1] = 17
      }, "more than 16 dimensions"
    ),
    (
      "a tensor beyond its storage",
      { bytes, place in
        let start = place("tensors") + 512
        let stop = bytes[(start + 20)...].firstIndex(of: 0x2E) ?? 0
        bytes[stop + 9] = 200
      }, "leaves its storage"
    ),
  ]

  @Test(arguments: tarEdits.indices)
  func refusesTheTarArchive(index: Int) throws {
    let (what, edit, message) = Self.tarEdits[index]
    #expect(try refusal(of: Self.tar { _, _ in }) == nil)
    let refused = try #require(try refusal(of: try Self.tar(edit)), "read: \(what)")
    #expect(refused.contains(message), "\(what): \(refused)")
  }
}
