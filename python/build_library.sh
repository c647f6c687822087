#!/bin/sh
# Links libhydranet.so, which needs nothing at run time but glibc: python/build_library.sh OUTPUT
#
# SwiftPM makes the objects (the static product `hydranet`); it cannot link a dynamic library with a
# static Swift runtime and static C libraries, so this does. Only the functions of
# include/hydranet.h are exported, so that no symbol meets one of PyTorch's or NumPy's. The objects
# are linked, not their archive: -static-stdlib keeps symbols of archives from being exported.
#
# Archives that lie elsewhere than the compiler looks: LIBRARY_PATH=FOLDER python/build_library.sh …
set -eu
[ $# = 1 ] || { echo "usage: python/build_library.sh OUTPUT" >&2; exit 2; }
output=$(realpath -m "$1")
cd "$(dirname "$0")/.."
SWIFT=${SWIFT:-swift}

"$SWIFT" build -c release --product hydranet >&2
objects=$("$SWIFT" build -c release --show-bin-path)

# What the objects ask for by -lNAME is found as an archive here, before any shared library.
archives=$(mktemp -d)
trap 'rm -rf "$archives"' EXIT
for name in lz4 z crypto stdc++; do
  path=$(gcc -print-file-name="lib$name.a")
  [ -f "$path" ] || {
    echo "lib$name.a is missing: install liblz4-dev zlib1g-dev libssl-dev g++" >&2
    exit 1
  }
  ln -s "$path" "$archives/lib$name.a"
done

# Blosc only writes columns, which nothing here does: this in its place aborts.
echo 'void abort(void); int blosc_compress_ctx(void) { abort(); }' |
  gcc -O2 -fPIC -c -x c -o "$archives/blosc.o" -
ar crs "$archives/libblosc.a" "$archives/blosc.o"

"${SWIFT}c" -emit-library -static-stdlib -o "$output" \
  "@$objects/hydranet.product/Objects.LinkFileList" \
  -L "$archives" -lblosc -llz4 -lz -lcrypto -lstdc++ -Xclang-linker -static-libgcc \
  -Xlinker --version-script=python/exports.map -Xlinker --gc-sections -Xlinker --strip-all \
  -Xlinker --no-undefined -Xlinker -soname=libhydranet.so
ls -l "$output" >&2
