/// The version of this package: what both programs answer to `--version`, and what a run remembers
/// of the program that trained it.
package enum PackageVersion {
  package static let text = "1.0.0"
}
