/// An integer with a comma after every three digits: `11,841`.
package func grouped(_ value: Int) -> String {
  let digits = Array(String(value.magnitude))
  var text = value < 0 ? "-" : ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
    text.append(digit)
  }
  return text
}

/// A number with a fixed count of decimals and no locale: `fixed(3.14159, 2)` is `3.14`.
///
/// Halves go to the even digit of the binary value. What is not finite, or too large for decimals
/// to mean anything, is printed as Swift prints it.
package func fixed(_ value: Double, _ decimals: Int) -> String {
  // A NaN's payload would be printed too.
  guard !value.isNaN else { return "nan" }
  let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
  let scaled = (abs(value) * scale).rounded(.toNearestOrEven)
  guard scaled < 9e15 else { return "\(value)" }
  let units = Int(scaled)
  let sign = value < 0 && units > 0 ? "-" : ""
  guard decimals > 0 else { return sign + String(units) }
  let fraction = String(units % Int(scale))
  return sign + String(units / Int(scale)) + "."
    + String(repeating: "0", count: decimals - fraction.count) + fraction
}

/// A share as percent: `percent(0.2)` is `20.0 %`.
package func percent(_ share: Double, decimals: Int = 1) -> String {
  fixed(share * 100, decimals) + " %"
}

/// A byte count in decimal units: `22.4 MB`.
package func byteText(_ count: Int) -> String {
  let units = ["kB", "MB", "GB", "TB", "PB", "EB"]
  guard count.magnitude >= 1000 else { return "\(count) B" }
  var value = Double(count) / 1000
  var unit = 0
  // 999.95 would print as 1000.0 of its unit.
  while abs(value) >= 999.95, unit < units.count - 1 {
    value /= 1000
    unit += 1
  }
  return "\(fixed(value, 1)) \(units[unit])"
}

/// A duration in the units that a reader wants: `0.42 s`, `12.3 s`, `2 min 05 s`, `3 h 07 min`.
package func durationText(seconds: Double) -> String {
  guard seconds.isFinite, seconds < 1e9 else { return "–" }
  let seconds = max(0, seconds)
  if seconds < 0.9995e-3 { return "\(fixed(seconds * 1e6, 0)) µs" }
  if seconds < 0.09995 { return "\(fixed(seconds * 1e3, 1)) ms" }
  if seconds < 9.995 { return "\(fixed(seconds, 2)) s" }
  if seconds < 59.95 { return "\(fixed(seconds, 1)) s" }
  let whole = Int(seconds.rounded())
  if whole < 3600 { return "\(whole / 60) min \(twoDigits(whole % 60)) s" }
  return "\(whole / 3600) h \(twoDigits(whole % 3600 / 60)) min"
}

/// A time left as a clock shows it: `0:07`, `2:05`, `1:07:30`; days as hours.
package func clockText(seconds: Double) -> String {
  guard seconds.isFinite, seconds < 3.6e8 else { return "–" }
  let whole = Int(max(0, seconds).rounded(.up))
  let minutes = whole / 60
  guard minutes >= 60 else { return "\(minutes):\(twoDigits(whole % 60))" }
  return "\(minutes / 60):\(twoDigits(minutes % 60)):\(twoDigits(whole % 60))"
}

/// A rate without more digits than mean something: `8,550`, `93.4`, `2.15`.
package func rateText(_ perSecond: Double) -> String {
  guard perSecond.isFinite, abs(perSecond) < 9e15 else { return "–" }
  if abs(perSecond) >= 999.5 { return grouped(Int(perSecond.rounded())) }
  if abs(perSecond) >= 99.95 { return fixed(perSecond, 0) }
  return fixed(perSecond, abs(perSecond) >= 9.995 ? 1 : 2)
}

private func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
