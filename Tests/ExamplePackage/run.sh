#!/bin/sh
# HydraData as others depend on it: Tests/ExamplePackage/run.sh STORE
#
# Builds the example with the package beside it, then, in a temporary folder, with a version of it that
# is a tag of a local clone: SwiftPM has rules for versions, such as those about unsafe flags, that it
# does not have for paths. Both must print the same but for the speed. What is not committed is not in
# the clone.
set -eu
[ $# = 1 ] || { echo "usage: Tests/ExamplePackage/run.sh STORE" >&2; exit 2; }
store=$(realpath "$1")
cd "$(dirname "$0")"
SWIFT=${SWIFT:-swift}
root=$(realpath ../..)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# A scratch folder of the root's, which .gitignore and `make clean` know.
"$SWIFT" build -c release --scratch-path "$root/.build-example"
"$root/.build-example/release/example" "$store" | tee "$folder/by-path"

git clone -q "$root" "$folder/hydranet"
git -C "$folder/hydranet" tag -f 99.0.0 >/dev/null
mkdir "$folder/example"
cp -r Sources "$folder/example"
sed "s|\.package(name: .*)|.package(url: \"file://$folder/hydranet\", exact: \"99.0.0\")|" \
  Package.swift >"$folder/example/Package.swift"
grep -q 'exact: "99.0.0"' "$folder/example/Package.swift"
"$SWIFT" build -c release --package-path "$folder/example"
"$folder/example/.build/release/example" "$store" >"$folder/by-version"

for run in by-path by-version; do sed -i 's/, [0-9]* images\/s$//' "$folder/$run"; done
diff "$folder/by-path" "$folder/by-version"
echo "the same by path and by version"
