/// Why a run's log cannot be read or its report cannot be made, in one line.
package struct RunReportError: Error, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}
