# Simpul.  make: build the release.  make demo, make test: the two commands.  See docs/HACKING.md.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
MODE ?= release
OUT := build/$(MODE)
CC := gcc
PKGS := sqlite3 libcurl jansson openssl libevent libevent_openssl libevent_pthreads zlib libzip xlsxwriter

WARN := -Wall -Wextra -Wshadow -Wvla -Wpointer-arith -Wcast-qual -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wwrite-strings -Wformat=2 -Wundef \
	-Wimplicit-fallthrough -Wunused-result $(if $(CI),-Werror)
BASE := -std=gnu17 -g -D_GNU_SOURCE $(WARN) -Iinclude -Iproto -Inode -Itests/lib -pthread -MMD -MP
FLAGS_release := -O2 -D_FORTIFY_SOURCE=3 -fPIE -fstack-protector-strong -fstack-clash-protection \
	-fcf-protection=full -ftrivial-auto-var-init=zero
LINK_release := -pie -Wl,-z,relro,-z,now,-z,noexecstack
FLAGS_test := -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
LINK_test := -fsanitize=address,undefined
FLAGS_thread := -O1 -fsanitize=thread
LINK_thread := -fsanitize=thread
FLAGS_fuzz := -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
LINK_fuzz := -fsanitize=fuzzer,address,undefined
FLAGS_analyzer := -O2 -fanalyzer -Wno-analyzer-malloc-leak \
	-Wno-analyzer-use-of-uninitialized-value # gcc 12 understands neither clean-up nor arrays of arrays
FLAGS_coverage := -O0 --coverage
LINK_coverage := --coverage -Wl,-u,__gcov_dump # for children that end by _exit

# Evaluated when a program is built, after `setup` has installed what was missing.
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS))
PKG_LIBS = $(shell pkg-config --libs $(PKGS)) -lm
CFLAGS_ALL = $(BASE) $(FLAGS_$(MODE)) $(PKG_CFLAGS) $(CFLAGS)
LDFLAGS_ALL = $(FLAGS_$(MODE)) $(LINK_$(MODE)) $(LDFLAGS)

LIB_SRC := $(sort $(wildcard proto/*.c) $(filter-out node/main.c,$(wildcard node/*.c node/*/*.c)))
LIB_OBJ := $(LIB_SRC:%.c=$(OUT)/%.o) $(OUT)/gen/embedded.o
TESTLIB_OBJ := $(patsubst %.c,$(OUT)/%.o,$(filter-out %/fuzz_replay.c,$(wildcard tests/lib/*.c)))
REPLAY := $(OUT)/tests/lib/fuzz_replay.o # main() of a fuzz target where libFuzzer brings none
programs = $(patsubst tests/$(1)/%.c,$(OUT)/$(1)/%,$(wildcard tests/$(1)/*.c))
UNIT := $(call programs,unit)
MERGE := $(call programs,merge) # what tests/merge/run asks
PROGRAMS := $(UNIT) $(call programs,fault) $(call programs,sim) $(call programs,fuzz)
JOBS := $(shell nproc)
SUB = $(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(JOBS))

.PHONY: all setup clean man
all: setup
	@$(MAKE) --no-print-directory build/release/simpul

setup:
	@tools/setup build

$(OUT)/simpul: $(OUT)/node/main.o $(OUT)/libsimpul.a
	@echo link $@
	@$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS)

# make man: a manual page per command, from the text that --help prints.
man: all
	@mkdir -p build/man
	@build/release/simpul help --man >build/man/simpul.1
	@for name in $$(build/release/simpul help --names); do \
		build/release/simpul help --man "$$name" >"build/man/simpul-$$name.1" || exit 1; done
	@echo build/man: $$(ls build/man | wc -l) pages

$(OUT)/libsimpul.a: $(LIB_OBJ)
$(OUT)/libtests.a: $(TESTLIB_OBJ)
%.a:
	@rm -f $@
	@ar rcs $@ $^

# The browser app.  Its packages are those of package-lock.json, fetched again only when that file changes.
APP := node/web/app
APP_SRC := $(wildcard $(APP)/*.* $(APP)/src/*.* $(APP)/src/*/*.*)
NPM_CI = cd $(APP) && { npm ci --ignore-scripts --no-audit --no-fund --loglevel=error || { \
	echo 'make: npm could not fetch what $(APP)/package-lock.json names. Is the npm registry reachable?' \
		'npm config get registry says which one is asked.' >&2; exit 1; }; }
$(APP)/node_modules/.ready: $(APP)/package-lock.json
	@echo npm ci $(APP)
	@$(if $(wildcard $(@D)/.ready-dev),$(MAKE) --no-print-directory -B $(@D)/.ready-dev,$(subst npm ci,npm ci \
		--omit=dev,$(NPM_CI)))
	@touch $@
$(APP)/node_modules/.ready-dev: $(APP)/package-lock.json
	@echo npm ci $(APP), with what its tests need
	@$(NPM_CI)
	@touch $(APP)/node_modules/.ready $@
build/app/index.html: $(APP_SRC) $(APP)/node_modules/.ready
	@node $(APP)/build.mjs $(CURDIR)/build/app

# make app-dev: the app with a made-up API in the page, at http://127.0.0.1:8090/; make app-check: its types.
.PHONY: app-dev app-check
app-dev: $(APP)/node_modules/.ready-dev
	@node $(APP)/build.mjs $(CURDIR)/build/app-dev --mock
app-check: $(APP)/node_modules/.ready-dev
	@cd $(APP) && node node_modules/typescript/bin/tsc --noEmit

# The masterplan's reference data ends with the provinces and regions, which come from an npm package.
REFERENCE := node/workspace/masterplan/reference.sql
build/gen/masterplan-reference.sql: $(REFERENCE) tools/regions $(APP)/node_modules/.ready
	@mkdir -p $(@D)
	@tools/regions $(APP)/node_modules/idn-area-data/data >$@.regions
	@cat $(REFERENCE) $@.regions >$@ && rm $@.regions

# make browser: people's work in a real browser, against real processes; a picture of each page in build/screens.
BROWSER := $(wildcard tests/browser/*_test.mjs)
.PHONY: browser
browser: setup-browser
	@$(SUB) build/release/simpul $(APP)/node_modules/.ready-dev
	@tests/run --jobs 1 --logs build/log $(BROWSER)

# Files that become part of the program: NAME=FILE.
EMBEDDED := $(sort $(filter-out $(REFERENCE),$(wildcard node/workspace/*/*)))
build/gen/embedded.c: $(EMBEDDED) build/gen/masterplan-reference.sql build/app/index.html tools/embed Makefile
	@mkdir -p $(@D)
	@tools/embed $(foreach f,$(EMBEDDED),$(f:node/%=%)=$(f)) \
		workspace/masterplan/reference.sql=build/gen/masterplan-reference.sql $$(cat build/app/embed) >$@
$(OUT)/gen/embedded.o: build/gen/embedded.c
	@mkdir -p $(@D)
	@echo cc $@
	@$(CC) $(CFLAGS_ALL) -c -o $@ $<

# Each .c file in these directories is one program.
define program_rule
$(OUT)/$(1)/%: $(OUT)/tests/$(1)/%.o $(2) $(OUT)/libtests.a $(OUT)/libsimpul.a
	@mkdir -p $$(@D)
	@echo link $$@
	@$$(CC) $$(LDFLAGS_ALL) -o $$@ $$^ $$(PKG_LIBS)
endef
$(eval $(call program_rule,unit))
$(eval $(call program_rule,fault))
$(eval $(call program_rule,sim))
$(eval $(call program_rule,bench))
$(eval $(call program_rule,merge))
$(eval $(call program_rule,fuzz,$(REPLAY)))

$(OUT)/%.o: %.c
	@mkdir -p $(@D)
	@echo cc $@
	@$(CC) $(CFLAGS_ALL) -c -o $@ $<

.PHONY: programs
programs: $(PROGRAMS) $(MERGE)

# make test: everything, from a clean checkout on; the last line is `N passed, N failed`.
.PHONY: test test-run
test: setup-test setup-browser
	@$(SUB) build/release/simpul $(if $(CI),build/release/merge/driver)
	@$(SUB) MODE=test programs
	@$(MAKE) --no-print-directory MODE=test test-run

STEPS := --step 'tests/run --self-test=tests/run --self-test'
STEPS += $(if $(wildcard tools/tidy),--step 'tools/tidy=tools/tidy' --step 'tools/tidy --self-test=tools/tidy --self-test')
STEPS += --step 'app-check=$(MAKE) --no-print-directory app-check'
STEPS += $(foreach v,$(wildcard tools/vectors*.py),--step '$(v)=python3 $(v)')
STEPS += --step 'tests/merge/run=tests/merge/run --driver $(MERGE) --sets 400 --no-keep'
STEPS += $(if $(CI),--step 'tests/merge/run --sets 100000=tests/merge/run --sets 100000 --jobs 1 --no-keep')
STEPS += --step 'tests/merge/run --plants=tests/merge/run --driver $(MERGE) --plants'
test-run:
	@tests/run --jobs $(JOBS) --logs build/log $(STEPS) $(PROGRAMS) $(APP)/test.mjs $(wildcard tests/system/*_test.py) $(BROWSER)

# make check T=outbox C=crash: one program, the cases whose name contains C.  Without T: all of them.
# T=fault/db where unit/ has the same name; MODE=thread and MODE=release work as well.
CHECK_MODE := $(if $(filter command line,$(origin MODE)),$(MODE),test)
CHECK_SRC := $(firstword $(wildcard $(foreach d,unit fault sim fuzz .,tests/$(d)/$(T).c)))
CHECK_PROGRAM := build/$(CHECK_MODE)/$(patsubst ./%,%,$(patsubst tests/%.c,%,$(CHECK_SRC)))
.PHONY: check
ifdef T
check:
	@test -n '$(CHECK_SRC)' || { echo 'check: there is no tests/*/$(T).c' >&2; exit 2; }
	@$(SUB) MODE=$(CHECK_MODE) $(CHECK_PROGRAM)
	$(CHECK_PROGRAM) $(C)
else
check:
	@$(SUB) MODE=$(CHECK_MODE) programs
	@tests/run --jobs $(JOBS) --logs build/log $(PROGRAMS:$(OUT)/%=build/$(CHECK_MODE)/%)
endif

# make tsan: unit and simulation programs under the thread sanitizer.
.PHONY: tsan
tsan:
	@$(SUB) MODE=thread $(patsubst $(OUT)/%,build/thread/%,$(UNIT) $(call programs,sim))
	@tests/run --jobs $(JOBS) --logs build/log $(patsubst $(OUT)/%,build/thread/%,$(UNIT) $(call programs,sim))

# make sim SEEDS=1000: more seeds of the simulations, built for speed.
SEEDS ?= 200
.PHONY: sim
sim:
	@$(SUB) MODE=release $(patsubst $(OUT)/%,build/release/%,$(call programs,sim))
	SEEDS=$(SEEDS) build/release/sim/byzantine
	SEEDS=$(SEEDS) build/release/sim/sim seeds

# make merge SETS=100000: random histories, merged here and by tools/merge_reference.py; what differs is
# shrunk, printed and kept in tests/merge/cases.
SETS ?= 20000
SEED ?= 1
.PHONY: merge
merge:
	@$(SUB) MODE=release build/release/merge/driver
	tests/merge/run --sets $(SETS) --seed $(SEED) --jobs $(JOBS)

# make fuzz T=NAME SECONDS=60: a libFuzzer run; a crashing input stays in tests/fuzz/corpus/NAME.
SECONDS ?= 60
.PHONY: fuzz
fuzz:
	@test -f 'tests/fuzz/$(T).c' || { echo 'usage: make fuzz T=NAME SECONDS=60; targets:' \
		$(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c)) >&2; exit 2; }
	@$(SUB) MODE=fuzz CC=clang REPLAY= build/fuzz/fuzz/$(T)
	@mkdir -p build/fuzz/found/$(T) tests/fuzz/corpus/$(T)
	build/fuzz/fuzz/$(T) -max_total_time=$(SECONDS) -artifact_prefix=tests/fuzz/corpus/$(T)/crash- \
		build/fuzz/found/$(T) tests/fuzz/corpus/$(T)

# make bench: rates, ratios and sizes beside their targets, and build/bench.json; never a failure.
BENCH := $(patsubst $(OUT)/%,build/release/%,$(call programs,bench))
.PHONY: bench
bench:
	@$(SUB) MODE=release build/release/simpul $(BENCH)
	@tools/bench

# make lint: what compilers and linters know.  tools/tidy alone runs in `make test`.
C_SRC = $(LIB_SRC) node/main.c
.PHONY: lint lint-tidy lint-clang lint-cppcheck lint-analyzer lint-shell
lint: lint-tidy lint-clang lint-cppcheck lint-analyzer lint-shell
lint-tidy:
	tools/tidy
lint-clang:
	printf '%s\n' $(C_SRC) | xargs -P$(JOBS) -n4 sh -c 'clang-tidy --quiet "$$@" -- -std=gnu17 \
		-D_GNU_SOURCE -Iinclude -Iproto -Inode $(PKG_CFLAGS) 2>/dev/null' -
lint-cppcheck:
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr -j$(JOBS) \
		--suppress=missingIncludeSystem --suppress=uninitvar \
		--suppress=nullPointerRedundantCheck:node/store/db.c --error-exitcode=1 -D__GNUC__ -Iinclude -Iproto -Inode \
		proto node
lint-analyzer:
	@$(SUB) MODE=analyzer CI=1 build/analyzer/node/main.o build/analyzer/libsimpul.a
lint-shell:
	shellcheck $(shell grep -lE '^.!/bin/(ba)?sh|^.!/usr/bin/env (ba)?sh' $(wildcard tools/* .ci/* tests/run \
		tests/*/*.sh) 2>/dev/null)

# make coverage: which branches of proto/ and node/merge/ the programs take; see docs/COVERAGE.md.
.PHONY: coverage
coverage:
	@tools/setup coverage
	@$(SUB) MODE=coverage programs
	@find build/coverage -name '*.gcda' -delete
	tests/run --jobs $(JOBS) --logs build/log/coverage \
		--step 'tests/merge/run=tests/merge/run --driver build/coverage/merge/driver --sets 400 --no-keep' \
		$(call refuse,coverage) $(PROGRAMS:$(OUT)/%=build/coverage/%)
	tools/coverage

# make refuse: SQLite refuses a call, at each place of the program that calls it; see tests/lib/refusal.h.
REFUSED := $(addprefix unit/,apply blame branch compare conflict constraint dropped isolation obey past rebuild \
	reconsider scopes takeback violation) fault/anew=chain
refuse = $(foreach p,$(REFUSED),$(foreach how,error io,--step 'refuse $(how) $(subst =, ,$(p))=env SIMPUL_REFUSE=$(how) \
	build/$(1)/$(subst =, ,$(p))'))
.PHONY: refuse
refuse:
	@$(SUB) MODE=test programs
	@tests/run --jobs $(JOBS) --logs build/log $(call refuse,test)

# make demo: a hub, two regions and a line that breaks; see tools/demo.
.PHONY: demo
demo: setup-test
	@$(SUB) build/release/simpul
	@tools/demo

.PHONY: setup-test setup-browser
setup-test:
	@tools/setup test
setup-browser:
	@tools/setup browser

clean:
	rm -rf build

-include $(shell test -d $(OUT) && find $(OUT) -name '*.d')
