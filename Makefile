# Every target begins with .ci/bootstrap, which installs what is missing and is silent when nothing is.
#
#   make demo ARGS='--json proof.json'      arguments for the program
#   make test FILTER=PostgresTests          some tests only (a regular expression)

SWIFT ?= swift
ARGS ?=
FILTER ?=

# How many tests run at once. Most of them keep a PostgreSQL busy: with more, two cores starve some past their patience.
WIDTH ?= 4

# ThreadSanitizer slows everything down five to ten times; the client is where threads meet C.
TSAN_FILTER ?= $(if $(FILTER),$(FILTER),PostgresTests)

.DEFAULT_GOAL := help
.PHONY: help bootstrap demo test test-tsan bench lint format clean

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | while IFS='	' read -r name text; do printf '  make %-10s %s\n' "$$name" "$$text"; done

bootstrap:
	@.ci/bootstrap

# Debug: it is warm after `make test`, and a build from nothing takes half as long. With `skald`, which the demo's last
# words call; it has little left to build after the first.
demo: bootstrap ## The booking sample: four services, faults, and the proof that nothing was lost
	@$(SWIFT) build --product booking
	@$(SWIFT) build --quiet --product skald
	@.build/debug/booking demo $(ARGS)

test: bootstrap ## Build and run all tests, in parallel
	@$(SWIFT) build --build-tests
	@SWIFT='$(SWIFT)' WIDTH='$(WIDTH)' FILTER='$(FILTER)' .ci/test

# In a build folder of its own, or each of the two kinds of build would throw away the other's.
test-tsan: bootstrap ## The client's tests under ThreadSanitizer
	@$(SWIFT) build --build-tests --sanitize=thread -Xswiftc -DSKALD_TSAN --scratch-path .build/tsan
	@TSAN_OPTIONS='suppressions=$(CURDIR)/.ci/tsan.supp' $(SWIFT) test --skip-build --disable-xctest --sanitize=thread -Xswiftc -DSKALD_TSAN --scratch-path .build/tsan --experimental-maximum-parallelization-width $(WIDTH) --filter '$(TSAN_FILTER)'

bench: bootstrap ## Measure against pgbench in the same run (release build)
	@$(SWIFT) run -c release bench $(ARGS)

lint: bootstrap ## Formatting, the scripts, and what may stand at the top level
	@.ci/lint

format: bootstrap ## Format every Swift file in place
	@git ls-files -z --cached --others --exclude-standard -- '*.swift' | xargs -0 $(SWIFT) format --in-place --parallel

clean: ## Remove everything that was built
	@rm -rf .build
