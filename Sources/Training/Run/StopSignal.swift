import Glibc
import Synchronization
import Terminal

/// Turns the first Ctrl-C (or SIGTERM) into a request that the loop looks at between steps, so that
/// a run ends with a checkpoint. The second one ends the program at once.
///
/// A signal handler can reach nothing but globals and may do next to nothing; it sets one number.
package struct StopSignal: Sendable {
  private static let caught = Atomic<CInt>(0)

  /// Begins to catch the signals.
  package init() {
    Self.caught.store(0, ordering: .relaxed)
    for number in [SIGINT, SIGTERM] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { StopSignal.caught.store($0, ordering: .relaxed) }
      // The default action is back for the second signal. System calls go on.
      action.sa_flags = CInt(bitPattern: UInt32(SA_RESETHAND)) | SA_RESTART
      sigaction(number, &action, nil)
    }
    unblockSignals([SIGINT, SIGTERM])
  }

  /// The signal that asked to stop, or nil.
  package var received: CInt? {
    let number = Self.caught.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }
}
