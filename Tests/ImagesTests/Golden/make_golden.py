"""Writes the small images of this folder and, in *.tsv, what Pillow makes of them.

    python make_golden.py        (Pillow 13.0, a C compiler and libjpeg)

decode.tsv   name, width, height, FNV-1a of the RGB bytes; or name, "reject"
damage.tsv   name, offset, byte put there, and the same result columns
resize.tsv   width, height, size, FNV-1a of the three planes; the input is a formula
"""

import io
import os
import random
import struct
import subprocess
import tempfile
import warnings
import zlib

import numpy as np
from PIL import Image

warnings.simplefilter("ignore")
HERE = os.path.dirname(os.path.abspath(__file__))
random.seed(5)


def fnv(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def result(data):
    try:
        image = Image.open(io.BytesIO(data)).convert("RGB")
    except Exception:
        return ["reject"]
    return [str(image.width), str(image.height), fnv(image.tobytes())]


def pattern(width, height, channels=3):
    """The input of resize.tsv: a multiplicative hash of the byte's number."""
    index = np.arange(width * height * channels, dtype=np.uint64)
    return ((index * np.uint64(2654435761)) >> np.uint64(13)).astype(np.uint8).reshape(
        height, width, channels
    )


def smooth(width, height):
    y, x = np.mgrid[0:height, 0:width]
    noise = pattern(width, height)[:, :, 0] // 16
    planes = [(x * 5 + y * 2 + noise) % 256, (y * 6 + noise) % 256, (x * 3 + 90 - y) % 256]
    return Image.fromarray(np.stack(planes, axis=2).astype(np.uint8))


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png(width, height, bits, color, interlaced=0, before=b"", rows=None):
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    raw = b""
    for x0, y0, dx, dy in ADAM7 if interlaced else [(0, 0, 1, 1)]:
        columns, lines = -(-(width - x0) // dx), -(-(height - y0) // dy)
        for line in range(lines if columns > 0 else 0):
            if (bits, color) == (16, 0):
                # Levels on both sides of 255, where Pillow clips.
                raw += b"\0" + b"".join(struct.pack(">H", random.randrange(512)) for _ in range(columns))
            else:
                raw += bytes([line % 5]) + random.randbytes((columns * samples * bits + 7) // 8)
    if rows is not None:
        raw = raw[: rows * (1 + (width * samples * bits + 7) // 8)]
    data = zlib.compress(raw)
    head = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, interlaced)
    half = len(data) // 2
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + before
        + chunk(b"IDAT", data[:half]) + chunk(b"IDAT", b"") + chunk(b"IDAT", data[half:])
        + chunk(b"IEND", b"")
    )


def images():
    def jpeg(image, **options):
        out = io.BytesIO()
        image.save(out, "JPEG", quality=80, **options)
        return out.getvalue()

    photo = smooth(37, 29)
    yield "444.jpg", jpeg(photo, subsampling=0)
    yield "422.jpg", jpeg(photo, subsampling=1)
    yield "420.jpg", jpeg(photo, subsampling=2)
    yield "gray.jpg", jpeg(photo.convert("L"))
    yield "progressive.jpg", jpeg(photo, progressive=True)
    yield "restart.jpg", jpeg(photo, restart_marker_blocks=2)
    yield "one.jpg", jpeg(smooth(1, 1))
    exif = Image.Exif()
    exif[0x0112] = 6
    yield "orientation.jpg", jpeg(photo, exif=exif)
    whole = jpeg(photo)
    yield "no-end.jpg", whole[:-2]
    yield "trailing.jpg", whole + b"\0" * 100
    with tempfile.TemporaryDirectory() as folder:
        tool = os.path.join(folder, "make_jpeg")
        subprocess.check_call(["cc", os.path.join(HERE, "make_jpeg.c"), "-ljpeg", "-o", tool])
        for kind in "ycck cmyk rgb 440 411 410 arithmetic arithmetic-progressive".split():
            path = os.path.join(folder, kind)
            subprocess.check_call([tool, kind, path])
            yield f"{kind}.jpg", open(path, "rb").read()

    palette = lambda count: chunk(b"PLTE", random.randbytes(3 * count))
    kinds = [(1, 0), (2, 0), (4, 0), (8, 0), (16, 0), (8, 2), (16, 2), (1, 3), (2, 3), (4, 3),
             (8, 3), (8, 4), (16, 4), (8, 6), (16, 6)]
    for bits, color in kinds:
        for interlaced in (0, 1):
            before = palette(1 << bits) if color == 3 else b""
            name = f"png-{color}-{bits}{'-adam7' if interlaced else ''}.png"
            yield name, png(13, 11, bits, color, interlaced, before)
    yield "png-narrow-adam7.png", png(1, 3, 8, 2, 1)
    yield "png-gamma.png", png(9, 7, 8, 2, 0, chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(b"sRGB", b"\0"))
    yield "png-gray-trns.png", png(9, 7, 8, 0, 0, chunk(b"tRNS", b"\0\x07"))
    yield "png-rgb-trns.png", png(9, 7, 8, 2, 0, chunk(b"tRNS", b"\0\1\0\2\0\3"))
    yield "png-palette-trns.png", png(9, 7, 4, 3, 0, palette(16) + chunk(b"tRNS", b"\xff\0\x80"))
    yield "png-short-palette.png", png(9, 7, 4, 3, 0, palette(5))
    yield "png-no-palette.png", png(9, 7, 4, 3)
    yield "png-no-palette-trns.png", png(9, 7, 4, 3, 0, chunk(b"tRNS", b"\xff\0"))
    yield "png-large-palette.png", png(9, 7, 8, 3, 0, palette(257))
    yield "png-early-end.png", png(9, 7, 8, 2, 0, rows=4)
    frame = struct.pack(">IIIIIHHBB", 0, 6, 4, 2, 1, 1, 10, 0, 0)
    yield "png-frame.png", png(9, 7, 8, 2, 0, chunk(b"acTL", struct.pack(">II", 1, 0)))
    yield "png-bad-frame.png", png(9, 7, 8, 2, 0, chunk(b"fcTL", frame[:4] + struct.pack(">I", 60) + frame[8:]))


def write(name, rows):
    with open(os.path.join(HERE, name), "w") as file:
        file.writelines("\t".join(map(str, row)) + "\n" for row in rows)


decoded, damaged = [], []
for name, data in images():
    with open(os.path.join(HERE, name), "wb") as file:
        file.write(data)
    decoded.append([name, *result(data)])
    if name in ("420.jpg", "progressive.jpg", "restart.jpg", "png-2-8.png", "png-3-4-adam7.png"):
        for _ in range(60):
            offset, byte = random.randrange(len(data)), random.randrange(256)
            changed = data[:offset] + bytes([byte]) + data[offset + 1 :]
            damaged.append([name, offset, byte, *result(changed)])
write("decode.tsv", decoded)
write("damage.tsv", damaged)

combinations = [
    (200, 200, 32), (200, 200, 200), (200, 200, 224), (200, 200, 37), (1, 1, 32), (3, 5, 32),
    (32, 32, 32), (33, 31, 32), (640, 480, 32), (100, 200, 64), (200, 100, 37), (17, 1000, 9),
    (1000, 17, 9), (7, 7, 1), (300, 300, 128), (32, 64, 32), (64, 32, 32), (5, 5, 7), (34, 36, 32),
    (34, 37, 32), (20, 33, 32), (250, 9, 40), (2, 2, 3),
]
resized = []
for width, height, size in combinations:
    image = Image.fromarray(pattern(width, height)).resize((size, size), Image.BILINEAR)
    resized.append([width, height, size, fnv(np.asarray(image).transpose(2, 0, 1).tobytes())])
write("resize.tsv", resized)
