import Glibc
import Synchronization

/// Ctrl-C and SIGTERM as a flag that long work asks, so that it ends between two steps and says
/// how to go on. A second Ctrl-C ends the program at once.
package enum Interruption {
  private static let signalNumber = Atomic<Int32>(0)

  /// From now on the first SIGINT or SIGTERM sets the flag and does nothing else.
  package static func listen() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        // Only what is safe in a signal handler: an atomic store, and the default for the next.
        Interruption.signalNumber.store(number, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
    unblockSignals([SIGINT, SIGTERM])
  }

  /// Whether a signal came.
  package static var isRequested: Bool { signalNumber.load(ordering: .relaxed) != 0 }

  /// The shell's exit code for a program ended by that signal: 130 for Ctrl-C.
  package static var exitCode: Int32 { 128 + signalNumber.load(ordering: .relaxed) }
}

/// Lets signals through to the calling thread. A program inherits the mask of the thread that
/// started it, and worker threads of other programs often block them all.
package func unblockSignals(_ numbers: [CInt]) {
  var set = sigset_t()
  sigemptyset(&set)
  for number in numbers { sigaddset(&set, number) }
  pthread_sigmask(SIG_UNBLOCK, &set, nil)
}
