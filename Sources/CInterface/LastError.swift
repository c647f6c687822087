import Glibc

/// What went wrong in the last call that failed, one text for each thread.
enum LastError {
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key) { free($0) }
    return key
  }()

  /// The text, good until the thread's next failure; nil where nothing failed.
  static var text: UnsafePointer<CChar>? {
    pthread_getspecific(key).map { UnsafePointer($0.assumingMemoryBound(to: CChar.self)) }
  }

  /// Runs `body`; where it throws, remembers why and gives `failure`.
  static func catching<Result>(_ failure: Result, _ body: () throws -> Result) -> Result {
    do {
      return try body()
    } catch {
      free(pthread_getspecific(key))
      pthread_setspecific(key, strdup("\(error)"))
      return failure
    }
  }
}

/// A call that cannot be answered: one sentence.
struct CallError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

@_cdecl("hydranet_last_error")
public func lastError() -> UnsafePointer<CChar>? { LastError.text }
