import ArgumentParser
import Experiment

/// Which settings a group of flags is made of.
package protocol FlagGroup: Sendable {
  associatedtype Root: Sendable
  /// The settings whose flags they are; those without a flag are passed over.
  static var settings: [Setting<Root>] { get }
  /// Holds the defaults that the help states.
  static var defaults: Root { get }
}

/// The flags of a table of settings: a setting with a flag is an option of the command, with its
/// default and range in the help, and nothing else has to be declared.
///
/// ```swift
/// @OptionGroup(title: "Recipe") var recipe: SettingFlags<RecipeFlags>
/// ```
///
/// The parser finds the options of a type in its mirror, and reads their values by the names there.
package struct SettingFlags<Group: FlagGroup>: ParsableArguments, CustomReflectable {
  /// What was given, by the flag's name.
  private var given: [String: SettingNode] = [:]

  package init() {}

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: FlagKey.self)
    for case (let flag?) in Group.settings.map(\.flag) {
      let key = FlagKey(stringValue: flag.name)
      switch flag.form {
      case .option:
        let text = try values.decode(Option<String?>.self, forKey: key).wrappedValue
        given[flag.name] = text.map(Self.node)
      case .toggle:
        let isOn = try values.decode(Flag<Bool?>.self, forKey: key).wrappedValue
        given[flag.name] = isOn.map { Self.node($0 ? "true" : "false") }
      case .repeated:
        let texts = try values.decode(Option<[String]>.self, forKey: key).wrappedValue
        if !texts.isEmpty { given[flag.name] = SettingNode(.list(texts.map(Self.node))) }
      case .named:
        let texts = try values.decode(Option<[String]>.self, forKey: key).wrappedValue
        if !texts.isEmpty { given[flag.name] = Self.mapping(texts) }
      }
    }
  }

  /// Puts the values that were given on top of `root`.
  ///
  /// - Throws: `PipelineError` for a value of another type or out of range.
  package func apply(to root: inout Group.Root) throws {
    for setting in Group.settings {
      guard let flag = setting.flag, let node = given[flag.name] else { continue }
      try setting.read(node, into: &root, SettingPlace(flag: "--\(flag.name)"))
    }
  }

  package var customMirror: Mirror {
    let children: [Mirror.Child] = Group.settings.compactMap { setting in
      setting.flag.map { ("_\($0.name)", Self.property($0, setting)) }
    }
    return Mirror(self, children: children)
  }

  private static func property(_ flag: Setting<Group.Root>.Flag, _ setting: Setting<Group.Root>)
    -> Any
  {
    let help = ArgumentHelp(
      "\(setting.help)\(setting.note(default: Group.defaults))",
      valueName: flag.valueName ?? flag.name)
    let name = NameSpecification.customLong(flag.name)
    let completion: CompletionKind? =
      flag.valueName == "file" ? .file() : setting.words.isEmpty ? nil : .list(setting.words)
    switch flag.form {
    case .option: return Option<String?>(name: name, help: help, completion: completion)
    case .toggle: return Flag<Bool?>(name: name, inversion: .prefixedNo, help: help)
    case .repeated, .named:
      return Option<[String]>(wrappedValue: [], name: name, help: help, completion: completion)
    }
  }

  private static func node(_ text: String) -> SettingNode {
    SettingNode(.scalar(text, isPlain: true))
  }

  /// `NAME=VALUE` texts as a mapping, or the first of them that is not of that form, for an error.
  private static func mapping(_ texts: [String]) -> SettingNode {
    var pairs: [(key: SettingNode, value: SettingNode)] = []
    for text in texts {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else { return node(text) }
      pairs.append((node(String(parts[0])), node(String(parts[1]))))
    }
    return SettingNode(.mapping(pairs))
  }
}

/// A flag's name as the parser's decoder takes it.
private struct FlagKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
