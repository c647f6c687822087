import Files
import Foundation
import Testing

@Suite struct FilesTests {
  /// A folder that is not there yet, so that a spool has to make it.
  private let folder = FileManager.default.temporaryDirectory.appending(
    path: "spool-\(UUID().uuidString)")

  private func spool(_ memory: Int) -> Spool { Spool(folder: folder.path, memory: memory) }

  private struct Wide: BitwiseCopyable, Comparable, Sendable {
    let key: UInt64
    let payload: UInt64
    let tail: UInt8
    static func < (a: Self, b: Self) -> Bool { (a.key, a.payload) < (b.key, b.payload) }
  }

  private static let memories = [1, 100, 4096, 1 << 20]

  @Test(arguments: memories, [0, 1, 2, 99, 20_000])
  func listsGiveBackWhatTheyGot(memory: Int, count: Int) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    var writer = SpooledListWriter<UInt32>(spool(memory))
    for value in 0..<count { try writer.append(UInt32(value) &* 2_654_435_761) }
    #expect(writer.count == count)
    let list = try writer.finish()
    let expected = (0..<count).map { UInt32($0) &* 2_654_435_761 }
    #expect(list.count == count)
    #expect(try list.elements() == expected)
    var seen: [UInt32] = []
    try list.forEachElement(from: count / 3) { seen.append($0) }
    #expect(seen == Array(expected[(count / 3)...]))
    for index in [0, count / 2, count - 1] where count > 0 {
      #expect(try list.element(at: index) == expected[index])
    }
    // Small lists need no disk; large ones leave no file behind that has a name.
    let isLarge = count * 4 > memory
    #expect(FileManager.default.fileExists(atPath: folder.path) == isLarge)
    if isLarge {
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
  }

  @Test(arguments: memories, [0, 1, 2, 1000, 30_000])
  func sortersSort(memory: Int, count: Int) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    var state: UInt64 = 1
    let values = (0..<count).map { index in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Wide(key: state >> 52, payload: UInt64(index), tail: UInt8(index % 256))
    }
    var sorter = ExternalSorter<Wide>(spool(memory))
    for value in values { try sorter.add(value) }
    #expect(sorter.count == count)
    var sorted: [Wide] = []
    try sorter.forEachElement { sorted.append($0) }
    #expect(sorted == values.sorted())
    #expect(sorted.allSatisfy { $0.tail == UInt8($0.payload % 256) })
  }

  @Test func manyThreadsReadOneList() async throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    var writer = SpooledListWriter<Int>(spool(64))
    try writer.append(contentsOf: Array(0..<5000))
    let list = try writer.finish()
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for task in 0..<8 {
        group.addTask {
          try (0..<500).allSatisfy {
            try list.element(at: ($0 * 37 + task) % 5000) == ($0 * 37 + task) % 5000
          }
        }
      }
      for try await isRight in group { #expect(isRight) }
    }
  }

  @Test func aFolderThatCannotBeWrittenIsNamed() throws {
    let spool = Spool(folder: "/proc/none", memory: 4)
    var writer = SpooledListWriter<Int>(spool)
    let error = try #require(throws: FileError.self) {
      for value in 0..<10 { try writer.append(value) }
    }
    #expect(error.description.hasPrefix("/proc/none: cannot make a temporary file: "))
    var sorter = ExternalSorter<Int>(spool)
    #expect(throws: FileError.self) { for value in 0..<10 { try sorter.add(value) } }
  }
}
