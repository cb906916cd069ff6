# Thin on purpose: CMake builds (CMakePresets.json), the scripts in tools/ do the rest.
MAKEFLAGS += --no-print-directory
PREFIX ?= /usr/local
DESTDIR ?=

.PHONY: help build run check lint format bench screenshots install clean
.DEFAULT_GOAL := help

help:     ## shows this
	@sed -nE 's/^([a-z]+): *## (.*)/make \1\t\2/p' Makefile | expand -t 20

build:    ## builds build/release/footfall; installs the packages that are missing
	@tools/install-packages build
	@tools/build release

run:      ## builds, and serves footfall.db on http://localhost:8080/ until Ctrl-C
	@tools/install-packages build
	@tools/build release
	@build/release/footfall serve

check:    ## runs every test, on servers of its own; the last line is "N passed, N failed"
	@tools/install-packages build check
	@tools/check

lint:     ## format, clang-tidy, layers, shell scripts, manual
	@tools/install-packages build check lint
	@tools/lint

format:   ## formats the C sources in place
	@tools/install-packages lint
	@git ls-files '*.c' '*.h' | xargs clang-format -i

bench:    ## measures against other servers, writes docs/benchmarks.md
	@tools/install-packages build bench
	@tools/build release
	@cmake --build --preset release --target bench_programs >/dev/null
	@tests/bench/run

screenshots: ## writes docs/img/*.png, the pictures of the README
	@tools/install-packages build check
	@tools/build release
	@cmake --preset dev >/dev/null && cmake --build --preset dev --target npm_modules >/dev/null
	@tests/browser/screenshots

install:  ## installs under PREFIX (/usr/local), below DESTDIR
	@tools/install-packages build
	@tools/build release
	@DESTDIR='$(DESTDIR)' cmake --install build/release --prefix '$(PREFIX)'

clean:    ## removes what was built; keeps footfall.db
	@rm -rf build
