import ArgumentParser

/// The parser's completion scripts, taught that options without a subcommand are those of the
/// default one: `hydra-train --shards da⇥`.
enum CompletionScript {
  /// - Parameter text: what the parser answers; returned as it is if no script was asked for, or
  ///   there is no default subcommand.
  static func offeringDefault(
    of root: any ParsableCommand.Type, in text: String, _ arguments: [String]
  ) -> String {
    guard arguments.first?.hasPrefix("--generate-completion-script") == true,
      let command = root.configuration.defaultSubcommand
    else { return text }
    let program = root._commandName
    let function = "_\(program)_\(command._commandName)"
    // Each goes before the first line of the kind, which is in the function for the root command.
    let (line, addition) =
      if text.hasPrefix("#compdef") {
        (
          "    local -i ret=1\n",
          "    [[ \"${words[2]}\" = -* ]] && { \"\(function)\"; return }\n"
        )
      } else if text.hasPrefix("#!/bin/bash") {
        (
          "    __\(program)_offer_flags_options 0\n",
          "    [[ \"${COMP_WORDS[1]}\" = -* ]] && { \"\(function)\"; return; }\n"
        )
      } else {
        (
          "    switch $unparsed_tokens[1]\n",
          """
              set -l first $unparsed_tokens[2..] (commandline -t)
              string match -q -- '-*' $first[1]; and \
          set unparsed_tokens $unparsed_tokens[1] \(command._commandName) $unparsed_tokens[2..]

          """
        )
      }
    guard let place = text.firstRange(of: line) else { return text }
    return text[..<place.lowerBound] + addition + text[place.lowerBound...]
  }
}
