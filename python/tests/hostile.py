"""Damages copies of a store in every way that its seed says, and reads them: a process of its own.

    python hostile.py STORE FOLDER FIRST LAST

Where the checksums do not belong to what they stand for, a store must be refused or read as it was;
where they do, as whoever means harm would have it, anything may be read. Prints each seed, so that
the last one is known where the process ends, and then how many stores were refused.
"""
import hashlib
import os
import random
import re
import shutil
import signal
import struct
import sys
from pathlib import Path

import google_crc32c
import numpy as np

from hydranet import HydraNetError, Loader, Store

# Bytes of a shard's index: an offset and a size for each of 20 samples, and a checksum.
INDEX = 20 * 16 + 4


def changed(content, draw):
    """Some bytes or numbers of `content` replaced by others, or its length changed."""
    content = bytearray(content)
    for _ in range(draw.choice([1, 1, 2, 5])):
        place = draw.randrange(len(content))
        what = draw.randrange(5)
        if what == 0:
            content[place] ^= 1 << draw.randrange(8)
        elif what == 1:
            word = draw.choice([0, 1, 2**31, 2**32 - 1, 2**63 - 1, 2**63, 2**64 - 1])
            place = place // 8 * 8
            content[place:place + 8] = struct.pack("<Q", word)[:len(content) - place]
        elif what == 2:
            content[place:place + draw.randrange(1, 40)] = draw.randbytes(draw.randrange(1, 40))
        elif what == 3:
            some = content[place:place + draw.randrange(1, 200)]
            other = draw.randrange(len(content))
            content[other:other] = some
        else:
            del content[place:place + draw.choice([1, 8, 100, len(content)])]
        content = content or bytearray(1)
    return bytes(content)


def changed_text(content, draw):
    """JSON with a number, a text or any bytes in it changed."""
    places = list(re.finditer(rb'-?\d+(\.\d+)?|"[^"]*"', content))
    if draw.random() < 0.3:
        return changed(content, draw)
    place = draw.choice(places)
    other = draw.choice([
        b"0", b"-1", b"1", b"65537", b"9223372036854775807", b"1e308", b"null", b"[]", b"{}", b'""',
        b'"' + b"x" * 5000 + b'"', b"[" * 400 + b"]" * 400, draw.choice(places)[0]])
    return content[:place.start()] + other + content[place.end():]


def proven(root):
    """The root document with the digest that it must have."""
    key = re.search(rb'"metadata_sha256" : "([0-9a-f]{64})"', root)
    if key is None:
        return root
    blank = root[:key.start(1)] + b"0" * 64 + root[key.end(1):]
    digest = hashlib.sha256(blank).hexdigest().encode()
    return root[:key.start(1)] + digest + root[key.end(1):]


def listed(root, file, content):
    """The root document that lists a file with other content."""
    entry = (rb'"bytes" : )\d+(,\s*"path" : "' + re.escape(file.encode())
             + rb'",\s*"sha256" : ")[0-9a-f]{64}')
    size, digest = str(len(content)).encode(), hashlib.sha256(content).hexdigest().encode()
    root, count = re.subn(
        rb"(" + entry, lambda found: found[1] + size + found[2] + digest, root)
    assert count == 1
    return proven(root)


def with_index(shard, draw):
    """A shard with another index, or with another chunk, under the checksum that it must have."""
    data, index = bytearray(shard[:-INDEX]), bytearray(shard[-INDEX:-4])
    if draw.random() < 0.5:
        index = bytearray(changed(index, draw))
    else:
        offset, size = struct.unpack_from("<QQ", index, 16 * draw.randrange(8))
        chunk = changed(data[offset:offset + size - 4], draw)
        chunk += struct.pack("<I", google_crc32c.value(chunk))
        # At the end, so that it may be longer than the one in whose place it is.
        struct.pack_into("<QQ", index, 16 * draw.randrange(8), len(data), len(chunk))
        data += chunk
    return bytes(data + index) + struct.pack("<I", google_crc32c.value(bytes(index)))


def damage(store, seed):
    """Changes one file of a store. Whether all of its checksums are right nevertheless."""
    draw = random.Random(seed)
    root = (store / "zarr.json").read_bytes()
    files = sorted(str(file.relative_to(store)) for file in store.rglob("*") if file.is_file())
    files.remove("zarr.json")
    file = draw.choice([file for file in files if "/image/c/" in file])
    is_proven = seed % 2 == 0
    what = seed // 2 % 3
    if what == 0:
        file, content = "zarr.json", changed_text(root, draw)
        content = proven(content) if is_proven else content
    elif what == 1:
        content = (store / file).read_bytes()
        content = with_index(content, draw) if is_proven else changed(content, draw)
    else:
        file = draw.choice(files)
        content = changed((store / file).read_bytes(), draw)
    if is_proven and file != "zarr.json":
        replace(store / "zarr.json", listed(root, file, content))
    replace(store / file, content)
    return is_proven


def replace(file, content):
    # The file's other name is the whole store's.
    file.unlink()
    file.write_bytes(content)


def read_everything(path):
    """All that a store holds, by every way to read it; None where it was refused."""
    try:
        with Store(path) as store:
            found = {}
            for name, split in store.items():
                found[name] = split.read()
                for column in store.columns:
                    found[name, column] = split[column]
            with Loader(store, batch_size=7, shuffle=False, dtype="uint8") as loader:
                found["batches"] = np.concatenate([batch.image for batch in loader])
            return found
    except HydraNetError as error:
        # One sentence, whatever the store holds.
        assert 20 < len(str(error)) < 2000 and "\n" not in str(error), error
        return None


def main(store, folder, first, last):
    store, copy, refused = Path(store), Path(folder) / "copy", 0
    expected = read_everything(store)
    for seed in range(int(first), int(last)):
        print(seed, flush=True)
        shutil.copytree(store, copy, copy_function=os.link)
        is_proven = damage(copy, seed)
        # Ends the process where it hangs, also outside of Python.
        signal.alarm(10)
        found = read_everything(copy)
        signal.alarm(0)
        refused += found is None
        if found is not None and not is_proven:
            assert found.keys() == expected.keys()
            for name, values in expected.items():
                np.testing.assert_array_equal(found[name], values, err_msg=f"{seed}: {name}")
        shutil.rmtree(copy)
    print("refused", refused)


if __name__ == "__main__":
    main(*sys.argv[1:])
