/// How much of a collection stays in memory, and where the rest of it goes.
///
/// Collections that grow with a data set are spooled: small ones never leave memory, large ones go
/// to temporary files, so that a program's memory does not grow with what it works on.
package struct Spool: Sendable {
  /// The folder of the temporary files; it is made when it is first needed.
  package let folder: String
  /// Bytes that a list or a sorter holds in memory before it uses a file.
  package let memory: Int

  package init(folder: String, memory: Int = 1 << 20) {
    self.folder = folder
    self.memory = memory
  }
}
