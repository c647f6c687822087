import Glibc
import Synchronization

/// Signals as flags that long work asks, so that it ends between two steps and says how to go on.
///
/// A command that keeps something at its end (`build`, `synth`, `train`) calls `listen` and asks
/// `isRequested`. All others leave signals their default: they end at once.
package enum Interruption {
  // A signal handler can reach nothing but globals, and may do next to nothing: it sets a flag.
  private static let stopFlag = Atomic<Bool>(false)
  private static let saveFlag = Atomic<Bool>(false)

  /// The signals that ask to stop: Ctrl-C, `kill`, and a terminal or batch system that goes away.
  private static let stopping = [SIGINT, SIGTERM, SIGHUP]
  /// The signals that concern the main thread alone; others block them.
  package static let signals = stopping + [SIGUSR1]

  /// The exit code of a program that was asked to stop and did so in good order.
  package static let exitCode: CInt = 130

  /// The first Ctrl-C ends any command from now on, whatever mask and dispositions the program
  /// inherited. `nohup` alone is respected.
  package static func setUp() {
    for number in stopping where !(number == SIGHUP && isIgnored(number)) {
      signal(number, SIG_DFL)
    }
    var set = sigset_t()
    sigemptyset(&set)
    for number in signals { sigaddset(&set, number) }
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  /// From now on the first of each signal that asks to stop sets the flag and does nothing else;
  /// the second ends the program at once.
  ///
  /// - Parameter saving: also take SIGUSR1 as a request to save and go on, as Slurm's users send
  ///   it ahead of a time limit.
  package static func listen(saving: Bool = false) {
    for number in stopping where !(number == SIGHUP && isIgnored(number)) {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { _ in
        Interruption.stopFlag.store(true, ordering: .relaxed)
      }
      // The default action is back for the second signal. System calls go on.
      action.sa_flags = CInt(bitPattern: UInt32(SA_RESETHAND)) | SA_RESTART
      sigaction(number, &action, nil)
    }
    guard saving else { return }
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in
      Interruption.saveFlag.store(true, ordering: .relaxed)
    }
    action.sa_flags = SA_RESTART
    sigaction(SIGUSR1, &action, nil)
  }

  /// Whether a signal asked to stop.
  package static var isRequested: Bool { stopFlag.load(ordering: .relaxed) }

  /// Whether a signal asked to save since the last call.
  package static func takeSaveRequest() -> Bool {
    saveFlag.exchange(false, ordering: .relaxed)
  }

  private static func isIgnored(_ number: CInt) -> Bool {
    var action = sigaction()
    sigaction(number, nil, &action)
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
