import ArgumentParser
import StoreBuilding

/// Reads the value of a `--part` flag.
func partNumber(_ text: String) throws -> PartNumber {
  guard let part = PartNumber(text) else {
    throw ValidationError(
      "expected I/N with 0 <= I < N <= \(PartNumber.largestCount), such as 0/8 to 7/8")
  }
  return part
}
