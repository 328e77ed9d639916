# SPDX-License-Identifier: GPL-2.0-or-later
# hvcompat: `make demo` and `make check` need nothing but a Debian machine, root and make; everything else is for developers.

VERSION := 0.1.0
prefix ?= /usr/local
bindir = $(prefix)/bin
datadir = $(prefix)/share
mandir = $(datadir)/man
sysconfdir ?= /etc

# SANITIZE=1 and another CC get a tree of their own, so that they never mix.
variant = $(if $(filter-out gcc cc,$(CC)),-$(notdir $(CC)))$(if $(SANITIZE),-sanitize)$(if $(FUZZ),-fuzz)
B ?= build$(variant)

CFLAGS ?= -O2 -g
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla -Wno-missing-field-initializers
ifdef WERROR
WARN += -Werror
endif
ifdef SANITIZE
EXTRA_CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
EXTRA_LDFLAGS += -fsanitize=address,undefined
endif

PKGS = rpm libarchive liblzma libzstd zlib liblz4 lzo2 libelf json-c libcyaml libcrypto
# Asked once, when something is really built, and only then.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PKGS)) -lbz2)$(PKG_LIBS)

ALL_CFLAGS = -std=gnu11 $(CFLAGS) $(WARN) $(EXTRA_CFLAGS) -pthread -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
	-DHVCOMPAT_VERSION='"$(VERSION)"' -DHVCOMPAT_DATADIR='"$(datadir)/hvcompat"' -DHVCOMPAT_SYSCONFDIR='"$(sysconfdir)/hvcompat"' \
	-Isrc -I. $(PKG_CFLAGS) $(CPPFLAGS)
ALL_LDFLAGS = $(LDFLAGS) $(EXTRA_LDFLAGS) -pthread

LIB_SRC := $(wildcard src/base/*.c src/kernel/*.c src/compat/*.c src/policy/*.c src/report/*.c pkg/*.c)
CMD_SRC := $(wildcard src/cmd/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o)
CMD_OBJ := $(CMD_SRC:%.c=$(B)/%.o)

UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT := $(UNIT_SRC:tests/unit/%.c=$(B)/tests/%)
UNIT_LIB_SRC := $(wildcard tests/lib/*.c)
UNIT_LIB_OBJ := $(UNIT_LIB_SRC:%.c=$(B)/%.o)

MAN := $(patsubst docs/man/%.scd,$(B)/man/%,$(wildcard docs/man/*.scd))

all: $(B)/hvcompat $(MAN)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/libhvcompat.a: $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/hvcompat: $(CMD_OBJ) $(B)/libhvcompat.a
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(B)/man/%: docs/man/%.scd
	@mkdir -p $(@D)
	scdoc < $< > $@

$(B)/tests/%: tests/unit/%.c $(UNIT_LIB_OBJ) $(B)/libhvcompat.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Itests $(ALL_LDFLAGS) -MMD -MP -o $@ $(filter %.c %.o %.a,$^) -lcmocka $(PKG_LIBS)

units: $(UNIT)

-include $(LIB_OBJ:.o=.d) $(CMD_OBJ:.o=.d) $(UNIT_LIB_OBJ:.o=.d) $(UNIT:=.d)

clean:
	rm -rf build build-*

.PHONY: all units clean
.DELETE_ON_ERROR:
