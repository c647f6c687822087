import CSystem
import Glibc
import Synchronization
import Threads

/// Files and folders that are written but may not be on the disk yet, to be brought there together.
///
/// An fsync waits for the journal and for the disk's cache. Where many files are written, their
/// fsyncs one by one take longer than the writing. At the end, from several threads, the first
/// commits the journal for all, and the system empties the disk's cache once for many: 130 of them in
/// 20 ms instead of 500. Descriptors stay open until then, so that an error of the disk is not lost.
package final class SyncQueue: Sendable {
  private struct Entry {
    let descriptor: Int32
    let path: String
  }

  /// A process may have 1,024 files open on most machines.
  private static let capacity = 128
  private static let threadCount = 8

  private let waiting = Mutex<[Entry]>([])

  package init() {}

  deinit { for entry in waiting.withLock({ $0 }) { close(entry.descriptor) } }

  /// Takes over a file's descriptor. Its pages are on their way to the disk when this returns.
  package func add(file descriptor: Int32, path: String) throws(FileError) {
    system_start_writeback(descriptor)
    try add(Entry(descriptor: descriptor, path: path))
  }

  /// Adds the names in a folder.
  package func add(folder path: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path, cannot: "open") }
    try add(Entry(descriptor: descriptor, path: path))
  }

  private func add(_ entry: Entry) throws(FileError) {
    let isFull = waiting.withLock {
      $0.append(entry)
      return $0.count >= Self.capacity
    }
    if isFull { try finish() }
  }

  /// Waits until everything that was added is on the disk.
  package func finish() throws(FileError) {
    let entries = waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
    let next = Atomic(0)
    let failure = Mutex<FileError?>(nil)
    @Sendable func work() {
      while true {
        let number = next.add(1, ordering: .relaxed).oldValue
        guard number < entries.count else { return }
        let entry = entries[number]
        if fsync(entry.descriptor) != 0 {
          let error = FileError(entry.path, cannot: "sync")
          failure.withLock { $0 = $0 ?? error }
        }
        close(entry.descriptor)
      }
    }
    // This thread can do it alone where the system gives no other.
    let threads =
      (try? NamedThread.team(of: min(Self.threadCount, entries.count / 4), name: "sync") { _ in
        work()
      }) ?? []
    work()
    for thread in threads { thread.join() }
    if let failure = failure.withLock({ $0 }) { throw failure }
  }
}
