import Experiment
import Foundation
import Network
import Testing

/// All gradients, element by element, where `Benchmarks/parity/reference.py` has written PyTorch's.
@Suite struct EveryGradientTests {
  static let folder = ProcessInfo.processInfo.environment["HYDRANET_PARITY"]

  struct Case: Decodable {
    let model: String
    let batch: Int
    let size: Int
    let images: String
  }

  @Test(.enabled(if: folder != nil, "set HYDRANET_PARITY to the folder of the reference"))
  func everyGradientMatches() throws {
    let folder = URL(filePath: try #require(Self.folder))
    let reference = try JSONDecoder().decode(
      Case.self, from: Data(contentsOf: folder.appending(path: "case.json")))
    let fixture = try Fixture(
      kind: try #require(NetworkKind(rawValue: reference.model)), count: reference.batch,
      height: reference.size, width: reference.size,
      images: reference.images)
    _ = try fixture.gradients()
    var worst = 0.0
    for gradient in fixture.net.exportGradients() {
      let own = try #require(gradient.floats)
      let data = try Data(contentsOf: folder.appending(path: "\(gradient.name).f32"))
      let theirs = data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
      #expect(own.count == theirs.count)
      let square = theirs.reduce(0.0) { $0 + Double($1) * Double($1) }
      let typical = (square / Double(theirs.count)).squareRoot()
      var difference = 0.0
      var largest = 0.0
      for (a, b) in zip(own, theirs) {
        let error = abs(Double(a) - Double(b))
        difference += error * error
        largest = max(largest, error / max(abs(Double(b)), typical))
      }
      let relative = (difference / square).squareRoot()
      print("\(gradient.name): norm of the difference \(relative), largest entry's \(largest)")
      #expect(relative < 1e-4, "\(gradient.name)")
      worst = max(worst, relative)
    }
    print("largest relative norm of a difference: \(worst)")
  }
}
