import Checksums
import Store
import WeightFiles

/// A number that tells whether a checkpoint's tensors and progress are as they were written: weights
/// have no redundancy of their own, and a run must not go on from a flipped bit.
///
/// CRC-32C of the progress and of every tensor's name and CRC-32C, in the order of the names.
package func checkpointChecksum(_ tensors: [NamedTensor], progress: String) -> String {
  var text = progress
  for tensor in tensors.sorted(by: { $0.name < $1.name }) {
    let sum = tensor.bytes.withUnsafeBytes { CRC32C.checksum($0) }
    text += "\n\(tensor.name) \(sum)"
  }
  let sum = Array(text.utf8).withUnsafeBytes { CRC32C.checksum($0) }
  return String(sum, radix: 16)
}
