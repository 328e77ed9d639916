# SPDX-License-Identifier: GPL-2.0-or-later
# hvcompat: `make demo` and `make check` need nothing but a Debian machine, root and make; everything else is for developers.

VERSION := 0.1.0
prefix ?= /usr/local
bindir = $(prefix)/bin
datadir = $(prefix)/share
libdir = $(prefix)/lib/hvcompat
mandir = $(datadir)/man
zshdir = $(datadir)/zsh/site-functions
sysconfdir ?= /etc

# SANITIZE=1 and another CC get a tree of their own, so that they never mix.
variant = $(if $(filter-out gcc cc,$(CC)),-$(notdir $(CC)))$(if $(SANITIZE),-sanitize)$(if $(FUZZ),-fuzz)
B ?= build$(variant)

CFLAGS ?= -O2 -g
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla -Wno-missing-field-initializers
ifdef WERROR
WARN += -Werror
endif
# What a parser of foreign bytes should be built with; a sanitizer brings its own.
ifndef SANITIZE
cet := $(if $(filter x86_64-% i686-%,$(shell $(CC) -dumpmachine)),-fcf-protection)
HARDEN_CFLAGS ?= -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fPIE $(cet)
HARDEN_LDFLAGS ?= -pie -Wl,-z,relro,-z,now
endif
ifdef FUZZ
EXTRA_CFLAGS += -fsanitize=fuzzer-no-link
endif
ifdef SANITIZE
EXTRA_CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
EXTRA_LDFLAGS += -fsanitize=address,undefined
endif

PKGS = expat libseccomp liblzma libzstd zlib liblz4 lzo2 libelf json-c libcyaml yaml-0.1
# Loaded when they are needed, by the names that the machine's own development files give: a package of ours must
# depend on these by hand, as no tool sees it in the program.
LAZY_PKGS = rpm libarchive libcrypto
soname = $(shell objdump -p "$$($(CC) -print-file-name=lib$(1).so)" | awk '$$1 == "SONAME" { print $$2 }')
LIBRARIES = $(eval LIBRARIES := -DLIBRARY_RPM='"$$(call soname,rpm)"' -DLIBRARY_ARCHIVE='"$$(call soname,archive)"' -DLIBRARY_CRYPTO='"$$(call soname,crypto)"' -DLIBRARY_SOLV='"$$(call soname,solvext)"')$(LIBRARIES)
# Asked once, when something is really built, and only then.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PKGS) $(LAZY_PKGS)))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PKGS)) -lbz2)$(PKG_LIBS)

ALL_CFLAGS = -std=gnu11 $(CFLAGS) $(WARN) $(HARDEN_CFLAGS) $(EXTRA_CFLAGS) -pthread -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
	-DHVCOMPAT_VERSION='"$(VERSION)"' -DHVCOMPAT_DATADIR='"$(datadir)/hvcompat"' -DHVCOMPAT_LIBDIR='"$(libdir)"' -DHVCOMPAT_SYSCONFDIR='"$(sysconfdir)/hvcompat"' \
	-Isrc -I. $(LIBRARIES) $(PKG_CFLAGS) $(CPPFLAGS)
ALL_LDFLAGS = $(LDFLAGS) $(HARDEN_LDFLAGS) $(EXTRA_LDFLAGS) -pthread

LIB_SRC := $(wildcard src/base/*.c src/kernel/*.c src/compat/*.c src/policy/*.c src/report/*.c src/build/*.c src/gate/*.c src/host/*.c src/prove/*.c pkg/*.c)
CMD_SRC := $(wildcard src/cmd/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o)
CMD_OBJ := $(CMD_SRC:%.c=$(B)/%.o)

UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT := $(UNIT_SRC:tests/unit/%.c=$(B)/tests/%)
UNIT_LIB_SRC := $(wildcard tests/lib/*.c)
UNIT_LIB_OBJ := $(UNIT_LIB_SRC:%.c=$(B)/%.o)

MAN := $(patsubst docs/man/%.scd,$(B)/man/%,$(wildcard docs/man/*.scd))

all: $(B)/hvcompat $(MAN) hooks inits

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/libhvcompat.a: $(LIB_OBJ)
	@rm -f $@ # q: two rooms may have a file of the same name, which r would take for one
	$(AR) qcs $@ $^

$(B)/hvcompat: $(CMD_OBJ) $(B)/libhvcompat.a
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

# What rpm loads: librpm and libc, and nothing that could be missing.
$(B)/hooks/hvcompat.so: pkg/hooks/rpm/plugin.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 $(CFLAGS) $(WARN) -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIC -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
		$(CPPFLAGS) $$(pkg-config --cflags rpm) $(LDFLAGS) -shared -Wl,-z,now,-z,defs,-z,relro -o $@ $< -lrpm -lrpmio

$(B)/hooks/macros.transaction_hvcompat: pkg/hooks/rpm/macros.transaction_hvcompat.in
	@mkdir -p $(@D)
	sed 's|@BINDIR@|$(bindir)|' $< >$@

# The program of the guests that `hvcompat prove` boots.
include src/prove/init/init.mk
INITS = $(INIT_ARCHES:%=$(B)/prove/init-%)
$(B)/prove/init-%: $(INIT_DEPS)
	@mkdir -p $(@D)
	$(INIT_COMPILE_$*) -o $@ $(INIT_SRC)

inits: $(INITS)

hooks: $(B)/hooks/hvcompat.so $(B)/hooks/macros.transaction_hvcompat

$(B)/man/%: docs/man/%.scd
	@mkdir -p $(@D)
	scdoc < $< > $@

$(B)/tests/%: tests/unit/%.c $(UNIT_LIB_OBJ) $(B)/libhvcompat.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Itests $(ALL_LDFLAGS) -MMD -MP -o $@ $(filter %.c %.o %.a,$^) -lcmocka $(PKG_LIBS)

units: $(UNIT)

# Programs that the real-kernel tests and the benchmark run.
TOOL_SRC := $(wildcard tests/tools/*.c)
TOOL := $(TOOL_SRC:tests/tools/%.c=$(B)/tools/%)
tools: $(TOOL)

$(B)/tools/%: tests/tools/%.c $(UNIT_LIB_OBJ) $(B)/libhvcompat.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Itests $(ALL_LDFLAGS) -MMD -MP -o $@ $(filter %.c %.o %.a,$^) -lcmocka $(PKG_LIBS)

# Preloaded by tests/faults: it wraps what it declares itself, and is built without what would wrap it in turn.
$(B)/faults/fault.so: tests/faults/fault.c
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -O2 -g -fno-omit-frame-pointer $(filter-out -Wmissing-prototypes,$(WARN)) -D_GNU_SOURCE -fPIC -shared -o $@ $< -ldl

preload: $(B)/faults/fault.so

# Each fuzz target stands twice: under libFuzzer (FUZZ=1, clang), and in a program that runs it over files.
FUZZ_TARGETS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
REPLAY := $(FUZZ_TARGETS:%=$(B)/fuzz/%)
FUZZ_MAIN = $(if $(FUZZ),-fsanitize=fuzzer,tests/fuzz/replay.c)
FUZZ_LIB := $(filter-out tests/fuzz/fuzz_%.c tests/fuzz/replay.c,$(wildcard tests/fuzz/*.c))
FUZZ_OBJ := $(FUZZ_LIB:%.c=$(B)/%.o) $(UNIT_LIB_OBJ)

$(B)/fuzz/%: tests/fuzz/fuzz_%.c $(wildcard tests/fuzz/*.h) tests/fuzz/replay.c $(FUZZ_OBJ) $(B)/libhvcompat.a
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Itests $(ALL_LDFLAGS) -o $@ $< $(FUZZ_MAIN) $(FUZZ_OBJ) $(B)/libhvcompat.a $(PKG_LIBS)

replays: $(REPLAY)

-include $(LIB_OBJ:.o=.d) $(CMD_OBJ:.o=.d) $(FUZZ_OBJ:.o=.d) $(UNIT:=.d) $(TOOL:=.d)

# --- the two commands of the README ---------------------------------------------------------------------------

# Both install what is missing first; everything behind that is a make of its own, so that pkg-config is asked after.
demo:
	tools/install-deps build fetch
	+$(MAKE) --no-print-directory all
	tools/demo $(B)/hvcompat $(KERNELS)

# The tests that need nothing but this tree; REAL=1 adds those on kernels from the distro's archive, KERNEL=1 those that
# build kernels from the distro's source and boot them; HOST=1 those that install into roots of their own.
check:
	tools/install-deps build test $(if $(KERNEL)$(HOST),kernel) $(if $(HOST),host)
	+$(MAKE) --no-print-directory all units tools replays preload
	HVCOMPAT=$(abspath $(B)/hvcompat) BUILD=$(abspath $(B)) KERNELS=$(KERNELS) CMOCKA_MESSAGE_OUTPUT=TAP \
		prove --exec '' $(if $(V),-v) -j2 $(UNIT) $(wildcard tests/cli/*.t) $(wildcard tests/faults/*.t) $(if $(REAL),$(wildcard tests/real/*.t)) \
		$(if $(KERNEL),$(wildcard tests/build/*.t tests/boot/*.t)) \
		$(if $(HOST),$(wildcard tests/host/*.t))

# Each call of each kind made to fail in turn, where check tries some of them.
faults:
	tools/install-deps build test
	+$(MAKE) --no-print-directory all tools preload
	FAULTS=0 HVCOMPAT=$(abspath $(B)/hvcompat) BUILD=$(abspath $(B)) prove -v -j2 tests/faults/*.t

# All C of ours by gcc -fanalyzer, clang and cppcheck (or TOOLS=…): without findings that tests/analyze.known does not explain.
TOOLS ?= gcc,clang,cppcheck
analyze: export ANALYZE_FLAGS = $(subst ',,$(filter-out $(WARN) $(HARDEN_CFLAGS),$(ALL_CFLAGS))) -Itests $(shell pkg-config --cflags rpm)
analyze:
	tools/install-deps build test ci
	tests/analyze --only $(TOOLS)

# Fuzzes each target (or TARGET=…) for SECONDS, with sanitizers; what is found stays in build-…/found/.
SECONDS ?= 60
fuzz:
	tools/install-deps build test ci
	+$(MAKE) --no-print-directory CC=clang SANITIZE=1 FUZZ=1 run-fuzz

run-fuzz: $(B)/tools/made-images $(B)/tools/made-messages $(if $(TARGET),$(TARGET:%=$(B)/fuzz/%),$(REPLAY))
	tests/fuzz/run $(B) $(SECONDS) $(or $(TARGET),$(FUZZ_TARGETS))

# Which lines of the parsers the tests, the seeds and a corpus (CORPUS=DIR) reach.
coverage:
	tools/install-deps build test ci
	+$(MAKE) --no-print-directory CC=clang B=build-coverage HARDEN_CFLAGS= HARDEN_LDFLAGS= CFLAGS='-O1 -g -Wno-unused-command-line-argument \
		-fprofile-instr-generate -fcoverage-mapping -mllvm -runtime-counter-relocation' all units tools replays
	tests/fuzz/coverage build-coverage $(CORPUS)

# Where fetched kernels are kept between runs.
KERNELS ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/hvcompat/kernels

# Ratios against peers, in one run; never part of a check.
bench: all tools
	HVCOMPAT=$(abspath $(B)/hvcompat) BUILD=$(abspath $(B)) KERNELS=$(KERNELS) tests/bench/bench $(ROWS)

# Boots every kernel below by every recipe that can be tried here, and writes what came of it to docs/proofs.md. Boots that are
# recorded already are not repeated. It takes hours; LABELS=… does some of it.
LABELS ?= 5.10-amd64 6.1-amd64 6.12-amd64 newest-amd64 5.10-cloud-amd64 6.1-cloud-amd64 6.12-cloud-amd64 newest-cloud-amd64 \
	5.10-686-pae 6.1-686-pae 5.10-arm64 6.1-arm64 6.12-arm64 newest-arm64
HYPERVISORS ?= $(dir $(KERNELS))hypervisors
proof:
	tools/install-deps build fetch proof
	+$(MAKE) --no-print-directory all
	tools/fetch-kernels $(KERNELS) $(LABELS)
	tools/fetch-hypervisors $(HYPERVISORS) xen-4.14 xen-4.17 xen-4.20
	tools/proof $(B)/hvcompat $(KERNELS) $(HYPERVISORS) $(B)/proofs docs/proofs.md $(LABELS)

# --- install ---------------------------------------------------------------------------------------------------

install: all
	install -D -m 755 $(B)/hvcompat $(DESTDIR)$(bindir)/hvcompat
	install -d $(DESTDIR)$(libdir)
	for i in $(INITS); do install -m 755 $$i $(DESTDIR)$(libdir)/ || exit 1; done
	for d in . interfaces hypervisors userspace packaging proofs; do \
		install -d $(DESTDIR)$(datadir)/hvcompat/$$d && \
		install -m 644 policies/$$d/*.yaml $(DESTDIR)$(datadir)/hvcompat/$$d/ || exit 1; done
	for d in compat-shims spec; do \
		find $$d -type f ! -name 'hvcompat*' | while read -r f; do \
			m=644; [ ! -x $$f ] || m=755; \
			install -D -m $$m $$f $(DESTDIR)$(datadir)/hvcompat/$$f || exit 1; done || exit 1; done
	install -d $(DESTDIR)$(datadir)/hvcompat/kconfig
	install -m 644 src/build/kconfig/why.c src/build/kconfig/why.mk $(DESTDIR)$(datadir)/hvcompat/kconfig/
	for s in docs/*.schema.json; do install -D -m 644 $$s $(DESTDIR)$(datadir)/hvcompat/$${s##*/} || exit 1; done
	for page in $(MAN); do \
		install -D -m 644 $$page $(DESTDIR)$(mandir)/man$${page##*.}/$$(basename $$page) || exit 1; done
	install -D -m 644 completions/hvcompat.bash $(DESTDIR)$(datadir)/bash-completion/completions/hvcompat
	install -D -m 644 completions/_hvcompat $(DESTDIR)$(zshdir)/_hvcompat
	install -D -m 644 completions/hvcompat.fish $(DESTDIR)$(datadir)/fish/vendor_completions.d/hvcompat.fish

# The hooks stand where package managers look, and name the program by its path.
install_hook = install -d $(DESTDIR)$(dir $(2)) && \
	sed 's|/usr/lib/hvcompat|$(libdir)|g; s|/usr/bin/hvcompat|$(bindir)/hvcompat|g' $(1) >$(DESTDIR)$(2) && \
	chmod $(3) $(DESTDIR)$(2)

install-apt:
	$(call install_hook,pkg/hooks/apt/apt-gate,$(libdir)/apt-gate,755)
	$(call install_hook,pkg/hooks/apt/gate-common,$(libdir)/gate-common,644)
	$(call install_hook,pkg/hooks/dpkg/dpkg-gate,$(libdir)/dpkg-gate,755)
	$(call install_hook,pkg/hooks/apt/60hvcompat,$(sysconfdir)/apt/apt.conf.d/60hvcompat,644)
	$(call install_hook,pkg/hooks/dpkg/hvcompat,$(sysconfdir)/dpkg/dpkg.cfg.d/hvcompat,644)

install-debhelper:
	$(call install_hook,pkg/hooks/debhelper/dh_hvcompat,$(bindir)/dh_hvcompat,755)
	$(call install_hook,pkg/hooks/debhelper/hvcompat.pm,$(datadir)/perl5/Debian/Debhelper/Sequence/hvcompat.pm,644)
	install -d $(DESTDIR)$(mandir)/man1
	pod2man --section=1 --center=hvcompat --release=$(VERSION) --date=2026 pkg/hooks/debhelper/dh_hvcompat >$(DESTDIR)$(mandir)/man1/dh_hvcompat.1

# What rpm's own macros say of its directories.
rpm_plugins ?= $(shell rpm -E '%{__plugindir}')
rpm_macros ?= $(shell rpm -E '%{_rpmmacrodir}')
install-rpm: hooks
	install -D -m 755 $(B)/hooks/hvcompat.so $(DESTDIR)$(rpm_plugins)/hvcompat.so
	install -D -m 644 $(B)/hooks/macros.transaction_hvcompat $(DESTDIR)$(rpm_macros)/macros.transaction_hvcompat
	$(call install_hook,pkg/hooks/dnf5/hvcompat-dnf5,/usr/libexec/hvcompat-dnf5,755)
	$(call install_hook,pkg/hooks/dnf5/hvcompat.actions,$(sysconfdir)/dnf/libdnf5-plugins/actions.d/hvcompat.actions,644)

install-rpmbuild:
	install -D -m 644 pkg/hooks/rpmbuild/hvcompat.attr $(DESTDIR)/usr/lib/rpm/fileattrs/hvcompat.attr
	$(call install_hook,pkg/hooks/rpmbuild/hvcompat-rpmprov,/usr/libexec/hvcompat-rpmprov,755)

# Packages of hvcompat itself, made from a copy of what is under version control; of a tree that is under none, all
# but what was built. Missing are files that were removed and not yet committed.
sources = { git ls-files -co --exclude-standard -z 2>/dev/null || \
	find . -type d \( -name 'build*' -path './build*' -o -name __pycache__ \) -prune -o -type f -printf '%P\0'; } | \
	LC_ALL=C sort -z | while IFS= read -r -d '' file; do [ ! -e "$$file" ] || printf '%s\0' "$$file"; done
deb rpm: SHELL = /bin/bash
deb:
	tools/install-deps build test host
	rm -rf $(B)/packages/deb
	mkdir -p $(B)/packages/deb/hvcompat
	$(sources) | tar --null --no-recursion -T - -cf - | tar -C $(B)/packages/deb/hvcompat -xf -
	cd $(B)/packages/deb/hvcompat && dpkg-buildpackage -us -uc -b
	rm -rf $(B)/packages/deb/hvcompat
	@ls $(B)/packages/deb/*.deb

# Where rpm has no database of what is installed, as on Debian, it would find each BuildRequires missing; where it has
# one, those say what is needed.
rpm_installed = $(shell rpm -q --quiet rpm 2>/dev/null && echo yes)
rpm:
	$(if $(rpm_installed),,tools/install-deps build test host)
	rm -rf $(B)/packages/rpm
	mkdir -p $(B)/packages/rpm/SOURCES
	$(sources) | tar --null --no-recursion -T - --transform 's,^,hvcompat-$(VERSION)/,' --owner=0 --group=0 \
		-czf $(B)/packages/rpm/SOURCES/hvcompat-$(VERSION).tar.gz
	rpmbuild -ba $(if $(rpm_installed),,--nodeps) --define '_topdir $(abspath $(B))/packages/rpm/work' \
		--define '_sourcedir $(abspath $(B))/packages/rpm/SOURCES' --define '_rpmdir $(abspath $(B))/packages/rpm' \
		--define '_srcrpmdir $(abspath $(B))/packages/rpm' \
		--define '_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' spec/hvcompat.spec
	rm -rf $(B)/packages/rpm/work $(B)/packages/rpm/SOURCES
	@ls $(B)/packages/rpm/*.rpm

uninstall:
	rm -f $(DESTDIR)$(bindir)/hvcompat $(foreach page,$(notdir $(MAN)),$(DESTDIR)$(mandir)/man$(subst .,,$(suffix $(page)))/$(page)) \
		$(DESTDIR)$(datadir)/bash-completion/completions/hvcompat $(DESTDIR)$(zshdir)/_hvcompat \
		$(DESTDIR)$(datadir)/fish/vendor_completions.d/hvcompat.fish
	rm -rf $(DESTDIR)$(datadir)/hvcompat

clean:
	rm -rf build build-*

.PHONY: all hooks inits units tools replays preload faults analyze demo check fuzz run-fuzz bench proof install install-apt install-debhelper install-rpm install-rpmbuild deb rpm uninstall clean
.DELETE_ON_ERROR:
