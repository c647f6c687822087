import DataLoading
import Foundation
import ImageCodecs
import Synchronization

/// Image files as samples: decoded and resized as `utk-prep build` does it, by the loader's threads.
///
/// A file that cannot be read does not stop the others: its sample is black, and `problem(of:)`
/// says what was wrong once its batch was delivered.
public final class ImageFileSource: SampleSource {
  public let paths: [String]
  public let imageShape: ImageShape
  private let problems = Mutex<[Int: String]>([:])

  /// - Parameter size: width and height that every image is resized to, in pixels.
  public init(paths: [String], size: Int) {
    self.paths = paths
    imageShape = ImageShape(channels: 3, height: size, width: size)
  }

  public var sampleCount: Int { paths.count }

  public func labels(column: String) throws -> [UInt8] {
    throw TrainingError("image files have no label column \(column)")
  }

  public func location(ofSample sample: Int) -> String { paths[sample] }

  public func makeReader() -> any SampleReader { ImageFileReader(self) }

  /// Why a sample could not be read, or nil.
  public func problem(of sample: Int) -> String? { problems.withLock { $0[sample] } }

  func report(_ problem: String, of sample: Int) {
    problems.withLock { $0[sample] = problem }
  }
}

private final class ImageFileReader: SampleReader {
  private let source: ImageFileSource
  private let decoder = ImageDecoder()
  private let resampler: Resampler
  private let planes: UnsafeMutableBufferPointer<UInt8>
  private(set) var storedByteCount = 0

  init(_ source: ImageFileSource) {
    self.source = source
    resampler = Resampler(outputSize: source.imageShape.width)
    planes = .allocate(capacity: resampler.outputByteCount)
  }

  deinit { planes.deallocate() }

  func pixels(ofSample sample: Int) throws -> UnsafePointer<UInt8> {
    do {
      try decode(source.paths[sample])
    } catch {
      planes.update(repeating: 0)
      source.report((error as? ImageError)?.description ?? reason(error), of: sample)
    }
    guard let base = planes.baseAddress else {
      throw TrainingError("an image has no pixels")
    }
    return UnsafePointer(base)
  }

  private func decode(_ path: String) throws {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw TrainingError("\(path) cannot be read: \(reason(error))")
    }
    storedByteCount += data.count
    try data.withUnsafeBytes { bytes in
      resampler.resample(try decoder.decode(bytes, name: path), into: planes)
    }
  }
}
