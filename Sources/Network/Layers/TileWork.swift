import Kernels
import Tensors

/// A loop of independent tasks over tiles: a part of a parallel region.
protocol TileWork {
  /// What the time is booked on.
  var phase: StepPhase { get }
  var taskCount: Int { get }
  /// The layer that it belongs to, and what it does for it.
  var label: WorkLabel { get }
  /// What its tasks compute and move together.
  var cost: WorkCost { get }
  /// Runs one task. Tasks write different memory, each in an order of its own, so that results do
  /// not depend on threads.
  func run(task: Int, on worker: TileWorker)
}

/// What one thread needs beside the maps.
final class TileWorker {
  let addresses: AddressList
  /// Room for all products of a minimal filter: a chunk's, of one block of channels.
  let products: UnsafeMutablePointer<Float>
  /// Room for a tile between the two directions of a transform.
  let lanes: UnsafeMutablePointer<Lanes>

  private let memory: AlignedBuffer

  /// The most values that a two-dimensional transform has in between.
  private static let laneCount = QuadFilter.Input.count * QuadFilter.Input.resultCount

  /// - Parameter addressCapacity: the most operands that one task adds up in a call.
  init(addressCapacity: Int, productCapacity: Int) throws {
    addresses = AddressList(capacity: addressCapacity)
    let laneFloats = TileWorker.laneCount * Lanes.scalarCount
    memory = try AlignedBuffer(count: laneFloats + productCapacity)
    lanes = UnsafeMutableRawPointer(memory.pointer).bindMemory(
      to: Lanes.self, capacity: TileWorker.laneCount)
    products = memory.pointer + laneFloats
  }
}

/// The parts of a training step that a benchmark tells apart.
package enum StepPhase: String, CaseIterable, Sendable {
  case convolutionForward = "convolution forward"
  case transforms = "filter transforms"
  case inputGradient = "input gradient"
  case weightGradient = "weight gradient"
  case stem = "first convolution"
  case normalization = "normalization and ReLU"
  case pooling = "pooling"
  case heads = "heads"
  case packing = "weight packing"
  case optimizer = "optimizer"
}
