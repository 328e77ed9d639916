/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/build_private.h"

#include <errno.h>
#include <sys/utsname.h>
#include <time.h>

/*
 * What would change the result behind our back, or makes the kernel's make believe that it is a part of another
 * one. Compilers, flags (KCFLAGS, LLVM) and launchers are the caller's to choose, and pass.
 */
static const char *const unwanted[] = {
	"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "GNUMAKEFLAGS", "ARCH", "SUBARCH", "O", "M", "V", "B",
	"KBUILD_OUTPUT", "KBUILD_EXTMOD", "KBUILD_SRC", "KBUILD_VERBOSE", "KBUILD_DEFCONFIG", "KBUILD_KCONFIG",
	"KCONFIG_CONFIG", "KCONFIG_ALLCONFIG", "KCONFIG_OVERWRITECONFIG", "KCONFIG_PROBABILITY", "KCONFIG_AUTOCONFIG",
	"INSTALL_PATH", "INSTALL_MOD_PATH", "INSTALL_HDR_PATH", "INSTALL_MOD_STRIP", "INSTALL_DTBS_PATH", "DESTDIR",
	"CONFIG_", "srctree", "objtree", "KERNELVERSION", "KERNELRELEASE", "LOCALVERSION", "KBUILD_BUILD_VERSION",
	"CDPATH", "GREP_OPTIONS", "C", "W",
};

/* `date` of the kernel's own format, so that the banner of two builds is the same. */
static void set_time(long long epoch)
{
	time_t t = (time_t)epoch;
	char text[64];
	struct tm tm;
	_cleanup_(freep) char *number = xasprintf("%lld", epoch);

	strftime(text, sizeof(text), "%a %b %e %H:%M:%S UTC %Y", gmtime_r(&t, &tm));
	setenv("KBUILD_BUILD_TIMESTAMP", text, 1);
	setenv("SOURCE_DATE_EPOCH", number, 1);
}

void tools_environment(const struct build *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(unwanted); i++)
		unsetenv(unwanted[i]);
	set_time(b->epoch);
	setenv("KBUILD_BUILD_USER", "hvcompat", 1);
	setenv("KBUILD_BUILD_HOST", "hvcompat", 1);
	setenv("KBUILD_BUILD_VERSION", "1", 1); /* the counter would tell how often make was run */
	setenv("LOCALVERSION", "", 1);		/* keeps setlocalversion from adding "+" in a git tree */
	setenv("LC_ALL", "C", 1);
	setenv("TZ", "UTC", 1);
	/* Another work directory shall find what this one has compiled. */
	setenv("CCACHE_NOHASHDIR", "1", 0);
	setenv("CCACHE_BASEDIR", b->tree, 0);
}

static const char *karch_of(const char *arch)
{
	return streq(arch, "x86_64") ? "x86_64" : streq(arch, "i686") ? "i386" : streq(arch, "aarch64") ? "arm64" : NULL;
}

static const char *machine(void)
{
	static struct utsname u;

	if (uname(&u) < 0)
		return "unknown";
	return u.machine[0] == 'i' && streq(u.machine + 2, "86") ? "i686" : u.machine;
}

static bool runs_here(const char *arch)
{
	return streq(arch, machine()) || (streq(arch, "i686") && streq(machine(), "x86_64"));
}

static bool in_path(const char *program)
{
	_cleanup_(freep) char *path = xstrdup(getenv("PATH") ?: "/usr/bin:/bin");
	char *save = NULL;

	for (char *dir = strtok_r(path, ":", &save); dir; dir = strtok_r(NULL, ":", &save)) {
		_cleanup_(freep) char *file = xasprintf("%s/%s", dir, program);

		if (access(file, X_OK) == 0)
			return true;
	}
	return false;
}

/* A compiler that the caller names is used as it stands; else the usual one, behind ccache where that is. */
static char *compiler(const char *variable, const char *prefix)
{
	const char *named = getenv(variable);
	bool llvm = getenv("LLVM") && *getenv("LLVM");

	if (named && *named)
		return xasprintf("%s=%s", variable, named);
	if (llvm) /* the kernel's Makefile picks the whole tool chain, and its version */
		return NULL;
	return in_path("ccache") ? xasprintf("%s=ccache %sgcc", variable, prefix) : NULL;
}

int tools_find(struct build *b, struct error *err)
{
	const char *cross = getenv("CROSS_COMPILE") ?: "";
	char *cc, *hostcc;

	b->arch = b->request->arch ? b->request->arch : machine();
	b->karch = karch_of(b->arch);
	if (!b->karch)
		return error_set(err, EINVAL, "--arch %s: cannot be built; there are x86_64, i686 and aarch64", b->arch);
	if (!runs_here(b->arch) && !*cross && !getenv("CC") && !getenv("LLVM"))
		return error_set(err, EINVAL,
				 "--arch %s: this machine (%s) needs a cross compiler for that: set CROSS_COMPILE to its prefix, like aarch64-linux-gnu-",
				 b->arch, machine());
	if (*cross)
		strings_add(&b->make_words, xasprintf("CROSS_COMPILE=%s", cross));
	cc = compiler("CC", cross);
	if (cc)
		strings_add(&b->make_words, cc);
	hostcc = compiler("HOSTCC", "");
	if (hostcc)
		strings_add(&b->make_words, hostcc);
	return 0;
}
