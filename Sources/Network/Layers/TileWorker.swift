import Kernels
import Tensors

/// What one thread needs beside the maps.
final class TileWorker {
  let addresses: AddressList
  /// Room for all products of a minimal filter: a chunk's, of one block of channels.
  let products: UnsafeMutablePointer<Float>
  /// Room for a tile between the two directions of a transform.
  let lanes: UnsafeMutablePointer<Lanes>
  /// Room for the results of a transform, until those that they are paired with are made.
  let heldLanes: UnsafeMutablePointer<Lanes>
  /// Room for a matrix in pairs of rows, on its way to columns.
  let pairs: UnsafeMutablePointer<BFloat16>

  private let memory: AlignedBuffer

  /// The most values that a two-dimensional transform has in between, and that it makes.
  private static let laneCount = QuadFilter.Input.count * QuadFilter.Input.resultCount

  /// - Parameters:
  ///   - addressCapacity: the most operands that one task adds up in a call.
  ///   - productCapacity: floats that a minimal filter's products take.
  ///   - pairCapacity: elements of the largest matrix that products in bfloat16 sum over.
  init(addressCapacity: Int, productCapacity: Int, pairCapacity: Int) throws {
    addresses = AddressList(capacity: addressCapacity)
    let laneFloats = TileWorker.laneCount * Lanes.scalarCount
    let memory = try AlignedBuffer(
      count: 2 * laneFloats + productCapacity + (pairCapacity + 1) / 2)
    self.memory = memory
    func room(at offset: Int) -> UnsafeMutablePointer<Lanes> {
      UnsafeMutableRawPointer(memory.pointer + offset).bindMemory(
        to: Lanes.self, capacity: TileWorker.laneCount)
    }
    lanes = room(at: 0)
    heldLanes = room(at: laneFloats)
    products = memory.pointer + 2 * laneFloats
    pairs = UnsafeMutableRawPointer(products + productCapacity).bindMemory(
      to: BFloat16.self, capacity: pairCapacity)
  }
}
