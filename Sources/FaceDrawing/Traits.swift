/// What the races of the data set look like in drawings. Crude on purpose: a classifier shall be
/// able to learn it from 32x32 pixels.
enum Traits {
  static let skin = [
    Color(0.91, 0.74, 0.65), Color(0.40, 0.27, 0.20), Color(0.88, 0.73, 0.55),
    Color(0.63, 0.44, 0.31), Color(0.76, 0.57, 0.43),
  ]

  static let hair: [(colors: [Color], weights: [Float])] = [
    (
      [
        Color(0.36, 0.23, 0.13), Color(0.76, 0.60, 0.35), Color(0.17, 0.12, 0.09),
        Color(0.56, 0.27, 0.12),
      ], [0.4, 0.27, 0.23, 0.1]
    ),
    ([Color(0.06, 0.05, 0.05), Color(0.12, 0.08, 0.06)], [0.8, 0.2]),
    ([Color(0.07, 0.06, 0.07), Color(0.16, 0.11, 0.09)], [0.8, 0.2]),
    ([Color(0.08, 0.06, 0.05), Color(0.15, 0.10, 0.08)], [0.75, 0.25]),
    ([Color(0.17, 0.11, 0.08), Color(0.31, 0.20, 0.12)], [0.6, 0.4]),
  ]

  static let irises = [
    [Color(0.32, 0.46, 0.60), Color(0.30, 0.22, 0.14), Color(0.36, 0.46, 0.32)],
    [Color(0.13, 0.08, 0.05), Color(0.16, 0.10, 0.06), Color(0.10, 0.07, 0.05)],
    [Color(0.13, 0.09, 0.06), Color(0.18, 0.11, 0.07), Color(0.10, 0.07, 0.05)],
    [Color(0.16, 0.10, 0.06), Color(0.12, 0.08, 0.05), Color(0.22, 0.14, 0.08)],
    [Color(0.30, 0.20, 0.11), Color(0.20, 0.13, 0.08), Color(0.36, 0.36, 0.22)],
  ]

  static let noseWidths: [Float] = [0.145, 0.205, 0.165, 0.165, 0.160]
  static let lipFullness: [Float] = [0.85, 1.35, 0.95, 1.05, 1.05]
}
