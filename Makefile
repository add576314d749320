# Simpul.  make: build the release.  make demo, make test: the two commands.  See docs/HACKING.md.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
MODE ?= release
OUT := build/$(MODE)
CC := gcc
PKGS := sqlite3 libcurl jansson openssl libevent libevent_openssl libevent_pthreads zlib

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
FLAGS_coverage := -O0 --coverage
LINK_coverage := --coverage

# Evaluated when a program is built, after `setup` has installed what was missing.
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS))
PKG_LIBS = $(shell pkg-config --libs $(PKGS)) -lm
CFLAGS_ALL = $(BASE) $(FLAGS_$(MODE)) $(PKG_CFLAGS) $(CFLAGS)
LDFLAGS_ALL = $(FLAGS_$(MODE)) $(LINK_$(MODE)) $(LDFLAGS)

LIB_SRC := $(sort $(wildcard proto/*.c) $(filter-out node/main.c,$(wildcard node/*.c node/*/*.c)))
LIB_OBJ := $(LIB_SRC:%.c=$(OUT)/%.o)
TESTLIB_OBJ := $(patsubst %.c,$(OUT)/%.o,$(wildcard tests/lib/*.c))
UNIT := $(patsubst tests/unit/%.c,$(OUT)/unit/%,$(wildcard tests/unit/*.c))

.PHONY: all setup clean
all: setup
	@$(MAKE) --no-print-directory build/release/simpul

setup:
	@tools/setup build

$(OUT)/simpul: $(OUT)/node/main.o $(OUT)/libsimpul.a
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS)

$(OUT)/libsimpul.a: $(LIB_OBJ)
	@rm -f $@
	@ar rcs $@ $^

$(OUT)/unit/%: $(OUT)/tests/unit/%.o $(TESTLIB_OBJ) $(OUT)/libsimpul.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS)

$(OUT)/fault/%: $(OUT)/tests/fault/%.o $(TESTLIB_OBJ) $(OUT)/libsimpul.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS)

$(OUT)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -c -o $@ $<

# make check T=outbox C=crash: one program, the cases whose name contains C.  Without T: all of them.
.PHONY: check check-all
check:
	@$(MAKE) --no-print-directory MODE=test $(if $(T),build/test/unit/$(T),check-all)
	$(if $(T),build/test/unit/$(T) $(C))

check-all: $(UNIT)
	prove --exec '' $(UNIT)

clean:
	rm -rf build

-include $(shell test -d $(OUT) && find $(OUT) -name '*.d')
