import Network
import WeightFiles

/// Why a run could not start or go on, in one sentence that says what to do.
package struct TrainingError: Error, CustomStringConvertible, Equatable, Sendable {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// Runs `body` on a weight file's tensors and names the file where they are not the network's.
func naming<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as ModelError {
    throw TrainingError("\(path): \(error)")
  } catch let error as TensorConversionError {
    throw TrainingError("\(path): \(error)")
  } catch let error as HydraNetONNX.Mismatch {
    throw TrainingError("\(path): \(error), so it holds weights of another model or other tasks")
  }
}
