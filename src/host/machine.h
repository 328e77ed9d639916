/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_HOST_MACHINE_H
#define HVCOMPAT_HOST_MACHINE_H

#include "base/error.h"
#include "compat/support.h"

/*
 * The machine that hvcompat runs on: which host of the knowledge it is a guest of, at which version, in which mode,
 * and which interfaces its boot, disks and network use. How a host is recognised, and which drivers serve an
 * interface, the knowledge says (`detect` in policies/hypervisors/, drivers in policies/interfaces/).
 */

struct machine_sign { /* one observation: what was looked at, and what was there */
	char *place;  /* "CPUID 0x40000000", "/sys/hypervisor/type", "/sys/class/dmi/id/sys_vendor" */
	char *found;
};

struct machine_use { /* an interface that this machine uses */
	const struct iface *iface;
	char *what;   /* "disk sda (mounted on /)", "network eth0", "clocksource" */
	char *driver; /* the kernel's name of it, NULL: built into the bus */
	bool vital;   /* boot, a disk that is mounted or swapped to, a network interface that is up */
};

struct machine {
	const struct host *host;  /* NULL: bare metal, or a hypervisor that the knowledge does not have */
	char *doubt;              /* why `host` is none of two that it may be; NULL: no doubt */
	char *arch;               /* "x86_64", "i686", "aarch64" … */
	char *detect_virt;        /* the word of systemd-detect-virt(1): "kvm", "microsoft", "none" … */
	int first, last;          /* the range of host->versions that it can be, inclusive; first < 0: cannot tell */
	int mode;                 /* index into host->modes; < 0: cannot tell */
	bool *possible;           /* [version * host->modes_count + mode]: the places that it can be */
	struct machine_sign *signs;
	size_t n_signs;
	struct machine_use *uses;
	size_t n_uses;
	char **devices_unknown;   /* vital devices served by a driver that no interface names; NULL-terminated */
	struct strings drivers_unknown; /* those on the way to them, each once, as the kernel calls them */
};

/*
 * Looks at this machine below `root` ("/" but for tests, where ROOT/cpuid holds lines "LEAF EAX EBX ECX EDX" in
 * hexadecimal and CPUID itself is not asked). The knowledge must outlive it. Missing files are no error; -EMFILE, -ENFILE,
 * -ENOMEM, -EIO: something could not be looked at, and what it would have told is not known.
 */
int machine_read(const struct knowledge *k, const char *root, struct machine **ret, struct error *err);
struct machine *machine_free(struct machine *m);
DEFINE_CLEANUP(struct machine *, machine_free)

/*
 * The policy that keeps this machine running: its host, version and mode, through each vital interface. Where it can
 * be several places, those of them where `old`, a kernel that runs here, is supported: a place where it is not cannot
 * be this one. With no `old`, or one that tells too little, the newest of the versions. -ENODATA where there is nothing
 * to protect (bare metal, or a hypervisor not known): `err` says which. As YAML it is what
 * `hvcompat host policy` prints.
 */
int machine_policy(const struct machine *m, const struct support *old, char **ret_yaml, struct error *err);

#endif
