import ArgumentParser
import Experiment
import Terminal

/// The check of a subcommand's name that the parser leaves out where there is a default one.
enum CommandName {
  /// Why the first argument is not a subcommand, with the nearest one that is; nil where it is
  /// one, or is an option.
  static func problem(in arguments: [String], of root: any ParsableCommand.Type) -> String? {
    let known = root.configuration.subcommands.map { $0._commandName } + ["help"]
    let first = arguments.first == "help" ? arguments.dropFirst().first : arguments.first
    guard let first, !first.hasPrefix("-"), !known.contains(first) else { return nil }
    let near = nearestName(to: first, in: known).map { "; did you mean \($0)?" }
    return "\(quoted(first)) is not a command\(near ?? ""); the commands are "
      + known.joined(separator: ", ")
  }
}
