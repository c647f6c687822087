"""The error of one 3x3 convolution of 64 channels in float, as a direct product and as F(4, 3) minimal filters with
the points 0, +-a, +-b and infinity, against double precision: python Benchmarks/parity/points.py     (numpy)

Prints the largest error relative to the largest output, and the root mean square of the error relative to that of
the outputs.
"""
import numpy as np

POINTS = {"5/8, 3/2": (5 / 8, 3 / 2), "sqrt(1/2), sqrt(2)": (0.5 ** 0.5, 2 ** 0.5), "1/2, 2": (0.5, 2), "1, 2": (1, 2)}


def matrices(a, b):
    """Transforms of input, weights and output (Lavin, Gray 2016), for the points 0, a, -a, b, -b and infinity."""
    a2, b2 = a * a, b * b
    scale_a, scale_b = 1 / (2 * a2 * (a2 - b2)), 1 / (2 * b2 * (b2 - a2))
    inputs = [[a2 * b2, 0, -a2 - b2, 0, 1, 0],
              [0, -a * b2, -b2, a, 1, 0], [0, a * b2, -b2, -a, 1, 0],
              [0, -b * a2, -a2, b, 1, 0], [0, b * a2, -a2, -b, 1, 0],
              [0, a2 * b2, 0, -a2 - b2, 0, 1]]
    weights = [[1 / (a2 * b2), 0, 0],
               [scale_a, a * scale_a, a2 * scale_a], [scale_a, -a * scale_a, a2 * scale_a],
               [scale_b, b * scale_b, b2 * scale_b], [scale_b, -b * scale_b, b2 * scale_b], [0, 0, 1]]
    outputs = [[1, 1, 1, 1, 1, 0], [0, a, -a, b, -b, 0], [0, a2, a2, b2, b2, 0], [0, a ** 3, -a ** 3, b ** 3, -b ** 3, 1]]
    return [np.float32(matrix) for matrix in (inputs, weights, outputs)]


def convolve(x, w, dtype):
    out = np.zeros((len(x), 4, 4), dtype)
    for c in range(x.shape[1]):
        for r in range(3):
            for s in range(3):
                out += x[:, c, r:r + 4, s:s + 4].astype(dtype) * dtype(w[c, r, s])
    return out


def filtered(x, w, points):
    b, g, a = matrices(*points)
    v = b @ np.float32(x) @ b.T
    u = g @ np.float32(w) @ g.T
    products = np.zeros((len(x), 6, 6), np.float32)
    for c in range(x.shape[1]):
        products += v[:, c] * u[c]
    return a @ products @ a.T


def report(name, out, exact):
    error = out - exact
    print(f"{name:20s} largest {np.abs(error).max() / np.abs(exact).max():.1e}   "
          f"root mean square {np.sqrt((error ** 2).mean() / (exact ** 2).mean()):.1e}")


def main():
    random = np.random.default_rng(0)
    x = np.maximum(random.standard_normal((2048, 64, 6, 6)), 0)
    w = random.standard_normal((64, 3, 3)) * 0.05
    exact = convolve(x, w, np.float64)
    report("direct", convolve(x, w, np.float32), exact)
    for name, points in POINTS.items():
        report(name, filtered(x, w, points), exact)


if __name__ == "__main__":
    main()
