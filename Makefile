# Two words suffice: `make demo` shows the bundle at work, `make test` proves it.
# Nothing here needs more than Go, make and git, but deploy, which needs the SAM CLI.

.DEFAULT_GOAL := help
LOCAL := go build -o .local/bin/fulcrum ./local && exec .local/bin/fulcrum

# Each function's resource and folder, read from the template: RESOURCE:FOLDER.
FUNCTIONS := $(shell awk '/^  [A-Za-z0-9]+:$$/ { id = $$1 } $$1 == "Folder:" { print id $$2 }' template.yaml)
RESOURCES := $(foreach f,$(FUNCTIONS),$(firstword $(subst :, ,$(f))))
folder     = $(patsubst $(1):%,%,$(filter $(1):%,$(FUNCTIONS)))

.PHONY: help
help: ## Say what there is to make.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: up
up: ## Run the whole bundle on this machine until Ctrl-C. PORT, DATA_DIR, PARTNERS, AWS_ENDPOINT_URL.
	@$(LOCAL) up

.PHONY: demo
demo: ## Take one hire from Lever to the partner, on free ports, and say what happened.
	@$(LOCAL) demo

.PHONY: invoke
invoke: ## Run one function on one event: FUNCTION=webhooks/candidate-hired EVENT=events/….json
	@$(LOCAL) invoke "$(FUNCTION)" "$(EVENT)"

.PHONY: test
test: ## Run all tests, and say what they tried.
	@$(LOCAL) test -timeout 20m ./...

.PHONY: test-short
test-short: ## Run what takes long only in part. Some packages wait more than they work: three at once.
	@$(LOCAL) test -short -p 3 ./...

.PHONY: race
race: ## Run the quick tests with the race detector. Needs a C compiler.
	@CGO_ENABLED=1 $(LOCAL) test -short -race -timeout 60m ./...

.PHONY: soak
soak: ## Run the long tests too, or with FOR=20m go through mishaps and search at random for so long. SEED.
	@$(LOCAL) soak "$(FOR)"

.PHONY: mutation
mutation: ## Change a package's code piece by piece, and count what its tests see: PKG=./shared/hook FILES=REGEXP
	go run ./local/mutation -files '$(FILES)' $(or $(PKG),./shared/hook)

.PHONY: browser
browser: ## Go through all pages in a real browser, and write docs/screens. Needs Chromium.
	BROWSER=1 go test ./local/browser -count=1 -v -timeout 20m

.PHONY: lint
lint: ## Check the form of the code.
	@test -z "$$(gofmt -l . | tee /dev/stderr)" || { echo "the files above need gofmt"; exit 1; }
	go vet ./...
	go tool staticcheck ./...

.PHONY: bench
bench: ## Print the benchmark table; the figures go to .local/bench.json.
	@$(LOCAL) bench

.PHONY: bench-check
bench-check: ## Fail where a count or a ratio of the table misses its goal.
	@$(LOCAL) bench check

.PHONY: bench-node bench-python
bench-node bench-python: bench-%: ## Measure the webhook function beside the same work in another language.
	@$(LOCAL) bench $*

.PHONY: load
load: export RATE ?= 1000
load: export SECONDS ?= 60
load: export CUSTOMERS ?= 500
load: export OPPORTUNITIES ?= 100
load: ## Send RATE webhooks a second for SECONDS, of CUSTOMERS with OPPORTUNITIES, and follow each to its end.
	go test -count=1 -v -timeout 60m ./local/load

.PHONY: validate
validate: ## Check the template; cfn-lint and cdk-nag where they are installed.
	go test ./local/deploy -count=1
	go test ./local/rig -run Bundle -count=1
	@$(LOCAL) validate

.PHONY: nag
nag: ## Check the template, with cdk-nag, which is brought from npm (190 MB).
	@$(LOCAL) nag

.PHONY: calls
calls: ## Note what functions call over all tests; their roles are held to it.
	@rm -rf .local/calls && mkdir -p .local/calls
	CALLS="$(CURDIR)/.local/calls" go test -count=1 ./local/rig ./functions/... ./shared/...
	CALLS="$(CURDIR)/.local/calls" go test -count=1 ./local/deploy -run TheCallsAre -update

.PHONY: conformance
conformance: ## Hold the embedded AWS against DynamoDB Local and moto, where they are installed.
	@$(LOCAL) conformance

.PHONY: elsewhere
elsewhere: ## Deploy into moto, run the bundle on moto and DynamoDB Local, where they are installed.
	@$(LOCAL) elsewhere

.PHONY: build
build: ## Build every function as it is deployed, into .aws-sam/build.
	@for r in $(RESOURCES); do mkdir -p .aws-sam/build/$$r && \
	$(MAKE) --no-print-directory build-$$r ARTIFACTS_DIR="$(CURDIR)/.aws-sam/build/$$r" || exit 1; done

.PHONY: deploy
deploy: ## Deploy with the SAM CLI. ENV=staging or ENV=prod for those of samconfig.toml.
	sam build --config-env $(or $(ENV),default)
	sam deploy --config-env $(or $(ENV),default)

# What `sam build` calls for each function. A static pattern, because make skips
# pattern rules for phony targets. Without -buildvcs=false each commit would change each
# binary, and release every function.
# No transport of ours speaks HTTP/2 (boot.newTransport), so that it is left out.
BUILD_TARGETS := $(RESOURCES:%=build-%)
.PHONY: $(BUILD_TARGETS)
$(BUILD_TARGETS): build-%:
	CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go build -trimpath -buildvcs=false -tags lambda.norpc,nethttpomithttp2 -ldflags='-s -w' \
	  -o "$(ARTIFACTS_DIR)/bootstrap" ./$(call folder,$*)
