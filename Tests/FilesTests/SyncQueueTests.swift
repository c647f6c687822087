import Files
import Glibc
import Testing

@Suite struct SyncQueueTests {
  /// A pipe cannot be brought to a disk: the error of one file among many is not lost, whoever of the
  /// threads meets it, and every descriptor is closed.
  @Test(arguments: [1, 40, 300]) func anErrorIsKept(count: Int) throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    defer { close(ends[1]) }
    let queue = SyncQueue()
    let error = #expect(throws: FileError.self) {
      try queue.add(file: ends[0], path: "the pipe")
      for _ in 1..<count { try queue.add(folder: "/tmp") }
      try queue.finish()
    }
    #expect(error?.path == "the pipe" && error?.description.contains("sync") == true)
    try queue.finish()
  }

  @Test func whatIsNotThereCannotBeAdded() {
    #expect(throws: FileError.self) { try SyncQueue().add(folder: "/nowhere") }
  }
}
