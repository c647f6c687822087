extension Column {
  /// A value in words, as label files have it: its class's name, its number, or "?" where it is
  /// missing.
  package func text(of value: ColumnValue?) -> String {
    guard let value else { return "?" }
    guard let number = value.number, let whole = Int(exactly: number) else { return "\(value)" }
    if classNames.indices.contains(whole) { return classNames[whole] }
    // 20, not 20.0.
    if case .float = value { return "\(whole)" }
    return "\(value)"
  }
}
