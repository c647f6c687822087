import Glibc

/// Lets this process keep as many files open as the system allows it. Common systems give 1,024 at
/// first.
package func raiseOpenFileLimit() throws(FileError) {
  let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  var limit = rlimit()
  guard getrlimit(resource, &limit) == 0 else {
    throw FileError("open files", cannot: "find their limit")
  }
  limit.rlim_cur = limit.rlim_max
  guard setrlimit(resource, &limit) == 0 else {
    throw FileError("open files", cannot: "raise their limit")
  }
}
