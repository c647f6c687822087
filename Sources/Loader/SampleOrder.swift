/// Which samples make up which batch: a pure function of (seed, epoch, position).
///
/// Nothing depends on threads or on what was read before, so a run resumes in the middle of an
/// epoch from one integer, the step. Steps count batches of this process over all epochs.
///
/// With `world` processes, a step of all of them together takes the next `batchSize · world`
/// positions of the epoch, dealt out in turn: together they see what one process with the large
/// batch would.
package struct SampleOrder: Equatable, Sendable {
  /// How an epoch is ordered.
  package enum Shuffle: Equatable, Sendable {
    /// The order of the store, the same in every epoch.
    case none
    /// A permutation of all samples, another one in every epoch.
    case global(seed: UInt64)
  }

  /// What happens to the samples left over at the end of an epoch.
  package enum LastBatch: String, CaseIterable, Sendable {
    case drop, keep
  }

  package let sampleCount: Int
  package let batchSize: Int
  package let shuffle: Shuffle
  package let lastBatch: LastBatch
  package let rank: Int
  package let world: Int

  /// - Parameters:
  ///   - rank: which of `world` processes this is, from 0.
  /// - Throws: `LoaderOptionError` for values out of range, and where an epoch would have no batch.
  package init(
    sampleCount: Int, batchSize: Int, shuffle: Shuffle, lastBatch: LastBatch = .keep,
    rank: Int = 0, world: Int = 1
  ) throws(LoaderOptionError) {
    guard batchSize >= 1, batchSize <= 1 << 20 else {
      throw LoaderOptionError("the batch size must be 1 to 1048576, got \(batchSize)")
    }
    guard world >= 1, world <= 1 << 20, rank >= 0, rank < world else {
      throw LoaderOptionError(
        "the rank must be 0 to world - 1 and the world 1 to 1048576, got rank \(rank) of \(world)")
    }
    guard sampleCount >= 1 else {
      throw LoaderOptionError("there is no sample to load: give a split that holds at least one")
    }
    guard lastBatch == .keep || sampleCount >= batchSize * world else {
      throw LoaderOptionError(
        "a batch of \(batchSize)\(world > 1 ? " in each of \(world) processes" : "") is larger "
          + "than the data, which has \(sampleCount) samples: lower the batch size, or keep the "
          + "last partial batch")
    }
    self.sampleCount = sampleCount
    self.batchSize = batchSize
    self.shuffle = shuffle
    self.lastBatch = lastBatch
    self.rank = rank
    self.world = world
  }

  /// Batches in an epoch, the same for every rank.
  package var stepsPerEpoch: Int {
    let samples = batchSize * world
    return lastBatch == .drop ? sampleCount / samples : (sampleCount + samples - 1) / samples
  }

  package func epoch(ofStep step: Int) -> Int { step / stepsPerEpoch }

  /// Samples in the batch of a step: `batchSize`, or fewer in the last of an epoch. Zero only for
  /// a rank above the number of samples left over.
  package func count(ofStep step: Int) -> Int {
    let left = sampleCount - step % stepsPerEpoch * batchSize * world
    return min(batchSize, (left - rank + world - 1) / world)
  }

  /// The samples of the batch of a step, written into `indices`.
  ///
  /// - Parameter indices: of at least `count(ofStep:)` elements.
  func fill(_ indices: UnsafeMutableBufferPointer<Int>, step: Int) {
    let count = count(ofStep: step)
    precondition(indices.count >= count, "a batch needs an index for every sample")
    let start = step % stepsPerEpoch * batchSize * world + rank
    switch shuffle {
    case .none:
      for index in 0..<count { indices[index] = start + index * world }
    case .global(let seed):
      let key = KeyedHash.hash(
        seed: seed, purpose: KeyedHash.orderPurpose, UInt64(epoch(ofStep: step)))
      let permutation = IndexPermutation(count: sampleCount, key: key)
      for index in 0..<count { indices[index] = permutation[start + index * world] }
    }
  }

  /// The samples of the batch of a step.
  package func samples(ofStep step: Int) -> [Int] {
    let count = count(ofStep: step)
    return Array(unsafeUninitializedCapacity: count) { buffer, initialized in
      fill(buffer, step: step)
      initialized = count
    }
  }
}

/// An option of the loader that is not possible: which, the range, and what was given.
package struct LoaderOptionError: Error, Equatable, CustomStringConvertible {
  package let description: String

  init(_ description: String) { self.description = description }
}
