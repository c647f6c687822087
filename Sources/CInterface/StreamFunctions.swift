import Files
import Glibc
import Loader

// The stream's part of include/hydranet.h, which documents every function.

/// A stream as the handle that C holds. A child of `fork` has none of its threads, and finds its
/// locks as they happened to be: there every call leaves it alone.
private final class Stream {
  let batches: BatchStream
  let process = getpid()

  init(_ batches: BatchStream) { self.batches = batches }
}

/// A batch that C holds.
private final class HeldBatch {
  let batch: Batch
  let process: pid_t

  init(_ batch: consuming Batch, of stream: Stream) {
    self.batch = batch
    process = stream.process
  }
}

@_cdecl("hydranet_steps_per_epoch")
public func stepsPerEpoch(_ handle: UnsafeRawPointer, _ options: UnsafePointer<CChar>) -> Int {
  LastError.catching(-1) {
    try StreamOptions(options, store(handle)).loader.order.stepsPerEpoch
  }
}

@_cdecl("hydranet_stream_open")
public func openStream(
  _ handle: UnsafeRawPointer, _ options: UnsafePointer<CChar>
) -> UnsafeMutableRawPointer? {
  LastError.catching(nil) {
    let options = try StreamOptions(options, store(handle))
    let batches = try BatchStream(
      options.source, options: options.loader, steps: options.firstStep..<Int.max)
    return Unmanaged.passRetained(Stream(batches)).toOpaque()
  }
}

@_cdecl("hydranet_stream_next")
public func next(
  _ handle: UnsafeRawPointer, _ milliseconds: Int, _ output: UnsafeMutablePointer<Int>
) -> Int {
  LastError.catching(-1) {
    let stream = Unmanaged<Stream>.fromOpaque(handle).takeUnretainedValue()
    guard stream.process == getpid() else {
      throw CallError("a stream cannot go on in a child of fork: open another there")
    }
    MappedFile.keepGuard()
    guard stream.batches.hasRoom else {
      throw CallError("every buffer of the stream is held: release a batch first")
    }
    guard stream.batches.waitForBatch(upTo: .milliseconds(milliseconds)) else { return 0 }
    guard let batch = try stream.batches.next() else {
      throw CallError("the stream has ended with an earlier error: open another")
    }
    let (step, epoch, count) = (batch.step, batch.epoch, batch.count)
    let image = Int(bitPattern: batch.pixels.baseAddress)
    let samples = Int(bitPattern: batch.samples.baseAddress)
    let held = Unmanaged.passRetained(HeldBatch(batch, of: stream)).toOpaque()
    for (place, value) in [step, epoch, count, image, samples, Int(bitPattern: held)].enumerated() {
      output[place] = value
    }
    return 1
  }
}

@_cdecl("hydranet_batch_release")
public func release(_ handle: UnsafeRawPointer) {
  let held = Unmanaged<HeldBatch>.fromOpaque(handle)
  if held.takeUnretainedValue().process == getpid() { held.release() }
}

@_cdecl("hydranet_stream_close")
public func closeStream(_ handle: UnsafeRawPointer) {
  let stream = Unmanaged<Stream>.fromOpaque(handle)
  if stream.takeUnretainedValue().process == getpid() { stream.release() }
}
