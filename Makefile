# Two commands matter: `make run` and `make test`. Both install what they need first.
#
#   make run      the whole job: store, statistics, training, evaluation (real faces if they are in
#                 data/raw/UTKFace, drawn ones if not)
#   make test     build and run every test
#   make wheel    the Python package with the library in it, in dist/
#   make test-python   its tests, and what docs/python.md shows (installs PyTorch into .venv-test, about 1 GB)
#   make build    the two programs, in .build/release
#   make lint     formatting, strictly;  make format  applies it
#   make fuzz     hostile bytes for every parser, FUZZ_SECONDS (10) each
#   make sanitize both programs end to end under the Address and Thread Sanitizers
#   make test-package  the Swift package as others depend on it, by path and by version (docs/swift.md)
#   make test-slurm    a build in parts on a real Slurm of this one machine (root; installs slurm-wlm)
#   make bench    the comparison with PyTorch and Pillow (installs them into .venv, about 5 GB)
#   make bench-engine  the training step alone, in float and bfloat16, at four sizes, in turns with PyTorch
#   make docs     docs/settings.md
#   make install  the programs to $(PREFIX)/bin, completions for bash, zsh and fish beside them
#   make clean    everything that was built

SWIFT ?= swift
PREFIX ?= /usr/local
FACES ?= data/raw/UTKFace
DRAWN ?= data/raw/drawn
STORE = data/shards/utkface-32
DRAWN_COUNT ?= 6000
SOURCES = Sources Tests Package.swift

PACKAGES = libjpeg-dev libpng-dev liblz4-dev libblosc-dev libarchive-dev libxsmm-dev libssl-dev zlib1g-dev
PREP = .build/release/utk-prep
TRAIN = .build/release/hydra-train

# Where the shells look for completions.
SHARE = $(DESTDIR)$(PREFIX)/share
BASH = bash-completion/completions
ZSH = zsh/site-functions
FISH = fish/vendor_completions.d

.PHONY: all deps wheel build fuzz sanitize run run-real run-drawn test test-python test-package test-slurm lint format bench bench-engine docs install clean

all: build

# Says what it does, and does nothing where nothing is missing.
deps:
	@missing=""; for p in $(PACKAGES); do \
	  dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; \
	done; \
	if [ -n "$$missing" ]; then \
	  echo "installing Debian packages:$$missing"; \
	  if [ "$$(id -u)" = 0 ]; then root=""; else root="sudo"; echo "(with sudo, as you are not root)"; fi; \
	  $$root apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive $$root apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
	@command -v $(SWIFT) >/dev/null || { echo "Swift 6.2 or newer is needed: https://www.swift.org/install/linux/"; exit 1; }

build: deps
	$(SWIFT) build -c release

run: build
	@if [ -d "$(FACES)" ]; then $(MAKE) --no-print-directory run-real; \
	else echo "No $(FACES) here (see data/README.md), so on drawn faces:"; \
	  $(MAKE) --no-print-directory run-drawn; fi

run-real:
	$(PREP) build $(FACES) --pipeline pipelines/utkface-32.yaml
	$(PREP) stats data/shards/utkface-32
	$(TRAIN) --pipeline pipelines/utkface-32.yaml --output data/runs/utkface-32 --force
	$(TRAIN) evaluate --shards data/shards/utkface-32 --weights data/runs/utkface-32/best.safetensors

run-drawn:
	@[ -d "$(DRAWN)" ] || $(PREP) synth --output $(DRAWN) --count $(DRAWN_COUNT) --seed 1
	$(PREP) build $(DRAWN) --pipeline pipelines/drawn.yaml
	$(PREP) stats data/shards/drawn-32
	$(TRAIN) --pipeline pipelines/drawn.yaml --output data/runs/drawn --force
	$(TRAIN) evaluate --shards data/shards/drawn-32 --weights data/runs/drawn/best.safetensors

# One configuration for everything: numeric code is 25 times slower in debug.
test: deps
	$(SWIFT) build -c release
	$(SWIFT) build -c release --build-tests
	$(SWIFT) test -c release --skip-build

# Side by side with what a user would run instead; PyTorch and the Zarr readers go into .venv.
# A bar that is missed does not keep the others from being measured; the exit code tells.
bench: build .venv/ready
	$(PREP) build $(FACES) --pipeline pipelines/utkface-32.yaml
	@missed=0; \
	.venv/bin/python Benchmarks/prep/run.py --source $(FACES) || missed=1; \
	$(TRAIN) bench --shards $(STORE) || missed=1; \
	.venv/bin/python Benchmarks/train/run.py || missed=1; \
	.venv/bin/python Benchmarks/use/run.py --shards $(STORE) --source $(FACES) || missed=1; \
	exit $$missed

# The training step in turns with PyTorch's modes, at 32 pixels and at larger images.
bench-engine: build .venv/ready
	.venv/bin/python Benchmarks/train/run.py
	.venv/bin/python Benchmarks/train/run.py --batch 32 --size 64 --size 128 --size 224 --json data/bench/train-large.json

# libhydranet.so inside a wheel that needs glibc and NumPy, tagged by the glibc that it needs.
wheel: deps
	python3 -m pip wheel -q --no-deps --wheel-dir dist ./python

# What docs/python.md shows, run; PyTorch and the Zarr readers go into .venv-test.
test-python: build .venv-test/ready
	.venv-test/bin/python -m pytest -q python/tests

.venv-test/ready: python/requirements.txt python/pyproject.toml $(wildcard python/hydranet*/*.py) | deps
	python3 -m venv .venv-test
	.venv-test/bin/pip install -q $(PIP_OPTIONS) -r python/requirements.txt ./python
	.venv-test/bin/pip install -q $(PIP_OPTIONS) --no-deps torchvision==0.28.0
	touch $@

.venv/ready: Benchmarks/requirements.txt | deps
	python3 -m venv .venv
	.venv/bin/pip install -q $(PIP_OPTIONS) -r Benchmarks/requirements.txt ./python
	touch $@

# Hostile bytes for every parser, FUZZ_SECONDS each, from the seeds that the tests keep.
FUZZ_SECONDS ?= 10
FUZZER = $(firstword $(wildcard $(dir $(realpath $(shell command -v $(SWIFT))))../lib/clang/*/lib/linux/libclang_rt.fuzzer_no_main-x86_64.a))
COVERAGE = edge,inline-8bit-counters,pc-table,trace-cmp
FUZZ = .build-fuzz/release/fuzz
fuzz: deps
	HYDRANET_FUZZER=$(FUZZER) $(SWIFT) build -c release --scratch-path .build-fuzz --product fuzz \
	  --sanitize address -Xswiftc -sanitize-coverage=$(COVERAGE)
	Tests/Fuzz/run.sh $(FUZZ) $(FUZZ_SECONDS)

# Both programs end to end under AddressSanitizer, then under ThreadSanitizer.
SANITIZERS ?= address thread
sanitize: deps
	@set -e; for s in $(SANITIZERS); do \
	  $(SWIFT) build -c release --scratch-path .build-$$s --sanitize $$s; \
	  Tests/Sanitize/run.sh .build-$$s/release; \
	done

# A package that depends on this one, by path and by version, on a few drawn faces.
EXAMPLE = .build-example
test-package: build
	@mkdir -p $(EXAMPLE)
	$(PREP) synth --output $(EXAMPLE)/drawn --count 500 --seed 1
	$(PREP) build $(EXAMPLE)/drawn --output $(EXAMPLE)/store --size 32 --force
	Tests/ExamplePackage/run.sh $(EXAMPLE)/store

# A build in parts on a real Slurm of this one machine, as docs/scale.md shows.
test-slurm: deps
	$(SWIFT) build -c release --product utk-prep
	Tests/Slurm/run.sh $(PREP) || [ $$? = 77 ]

lint:
	$(SWIFT) format lint --strict -r $(SOURCES)

format:
	$(SWIFT) format -i -r $(SOURCES)

# The page of all settings, from the tables that the programs read them with.
docs: build
	$(TRAIN) settings >docs/settings.md

install: build
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(PREP) $(TRAIN) $(DESTDIR)$(PREFIX)/bin/
	install -d $(SHARE)/$(BASH) $(SHARE)/$(ZSH) $(SHARE)/$(FISH)
	for p in $(PREP) $(TRAIN); do name=$$(basename $$p); \
	  $$p --generate-completion-script bash > $(SHARE)/$(BASH)/$$name && \
	  $$p --generate-completion-script zsh > $(SHARE)/$(ZSH)/_$$name && \
	  $$p --generate-completion-script fish > $(SHARE)/$(FISH)/$$name.fish || exit 1; \
	done

clean:
	rm -rf .build .build-example .build-fuzz .build-address .build-thread
