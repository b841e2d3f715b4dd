# Everything is in scripts/; this file names it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run stop key test bench lint format core-lines reference

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## set up what is missing, start Bulkhead with its data in .bulkhead/, open the chat
	@scripts/run.sh

stop: ## stop a running `make run`
	@scripts/run.sh --stop

key: ## take an Anthropic API key for the next start
	@scripts/run.sh --key

test: ## set up what is missing, build, run every test (real containers included)
	@scripts/test.sh

bench: ## measure a release build beside floors and peers (docs/benchmarks.md)
	@scripts/bench.sh

lint: ## check format and scripts
	@scripts/lint.sh

format: ## mend the format
	@swift format --in-place --parallel --recursive Package.swift Sources Tests

core-lines: ## how much code a security reviewer has to read
	@scripts/core-lines.sh

reference: ## write docs/configuration.md from the table of settings
	@BULKHEAD_WRITE_REFERENCE=1 swift test --filter SettingsReferenceTests
