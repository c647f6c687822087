import Files
import Foundation
import Store
import Testing

/// A store that format version 1's builder wrote from drawn faces, in `Golden/version1`.
@Suite struct VersionOneTests {
  private var folder: String {
    get throws {
      try #require(
        Bundle.module.url(forResource: "version1", withExtension: nil, subdirectory: "Golden")
      )
      .path
    }
  }

  @Test func itReadsAsTheThreeKnownColumns() throws {
    let store = try StoreReader(path: folder)
    #expect(store.schema.version == 1)
    #expect(store.schema.columns.map(\.name) == ["age", "gender", "race"])
    #expect(store.schema.columns[2].classNames == ["White", "Black", "Asian", "Indian", "Others"])
    #expect(store.identity.contentSHA256 == nil && store.identity.membersSHA256.isEmpty)
    #expect(store.identity.metadataSHA256.count == 64)
    var count = 0
    for split in store.splits {
      let columns = try split.columns.map { try split.column($0.name) }
      for (sample, name) in try split.names().enumerated() {
        let labels = columns.map { $0.value(sample)?.description }
        let parts = (name as NSString).lastPathComponent.split(separator: "_").prefix(3)
        #expect(labels == parts.map { Optional(String($0)) })
        count += 1
      }
    }
    #expect(count == 15)
    #expect(try StoreVerifier.verify(path: folder).problems.isEmpty)
  }

  /// Every document of that version, written by Foundation's encoder, comes out of ours the same.
  @Test func itsDocumentsAreWrittenTheSame() throws {
    let documents = try regularFiles(below: folder).filter { $0.hasSuffix("zarr.json") }
    #expect(documents.count == 13)
    for path in documents {
      let bytes = try Array(Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(path)")))
      let value = try bytes.withUnsafeBytes { try JSONValue.decoded($0) }
      #expect(try value.encoded(pretty: true) == bytes, "\(path)")
    }
  }
}
