import CSystem
import Glibc
import Terminal

/// A real operating-system thread with a name that debuggers and `top -H` show.
///
/// Loader and build workers block on conditions and in system calls, which would starve Swift's
/// cooperative pool on a machine with two cores; so they are threads, not tasks.
package final class NamedThread: @unchecked Sendable {
  // Written by `init` and by the one caller of `join`, never by the thread itself.
  private var handle = pthread_t()
  private var joined = false

  private final class Start {
    let name: String
    let body: @Sendable () -> Void
    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }

  /// Starts a thread that runs `body` once. Signals that ask to stop or to save are left to the main thread.
  ///
  /// - Parameter name: at most 15 bytes are shown; the rest is cut.
  package init(name: String, _ body: @escaping @Sendable () -> Void) {
    let start = Unmanaged.passRetained(Start(name: name, body: body))
    var blocked = sigset_t()
    var before = sigset_t()
    sigemptyset(&blocked)
    for number in Interruption.signals { sigaddset(&blocked, number) }
    pthread_sigmask(SIG_BLOCK, &blocked, &before)
    let code = pthread_create(
      &handle, nil,
      { argument in
        let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
        system_set_thread_name(start.name)
        start.body()
        return nil
      }, start.toOpaque())
    pthread_sigmask(SIG_SETMASK, &before, nil)
    precondition(code == 0, "the system refused to start thread \(name): error \(code)")
  }

  /// Waits until the thread has ended. May be called once.
  package func join() {
    precondition(!joined, "a thread is joined once")
    joined = true
    pthread_join(handle, nil)
  }
}

/// How many cores this process may run on: its affinity mask, which a container may narrow.
package func availableCoreCount() -> Int {
  Int(system_available_cores())
}
