/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_COMPAT_KNOWLEDGE_H
#define HVCOMPAT_COMPAT_KNOWLEDGE_H

#include "kernel/facts.h"

/*
 * The knowledge: what kernels speak (policies/interfaces/) and what hosts offer (policies/hypervisors/,
 * policies/userspace/). docs/knowledge.md is the manual of the files; the structs here mirror them one to one
 * and are filled by libcyaml. C knows classes, leaves, combinators and ways to meet, and no name of a
 * product, an interface, a driver or a symbol.
 *
 * All of it is owned by struct knowledge and constant after knowledge_load().
 */

/* What a thing is for. The order is the order of reports. */
enum iface_class {
	CLASS_BOOT,   /* the entry into the kernel, or its role on this host */
	CLASS_LOADER, /* how the loader unpacks and starts the image */
	CLASS_BUS, CLASS_DISK, CLASS_NET, CLASS_CONSOLE, CLASS_CLOCK, CLASS_MEMORY, CLASS_DISPLAY, CLASS_INPUT,
	CLASS_PASSTHROUGH, CLASS_AGENT, /* guest services: file copy, time, shutdown … */
	CLASS_ABI, /* what userspace sees */
	CLASS_COUNT,
};
const char *iface_class_name(enum iface_class c);

enum grade { GRADE_FULL, GRADE_DEGRADED };

/* What would bring a lost thing back. Each list may be empty. */
struct help {
	char **config;         /* "XEN_PV=y" */
	unsigned config_count;
	char **shim;           /* directory names under compat-shims/ */
	unsigned shim_count;
	char **package;        /* package names or patterns */
	unsigned package_count;
	char **boot_parameter; /* "vsyscall=xonly" */
	unsigned boot_parameter_count;
	char *text;            /* anything else, one sentence; may be NULL */
};

/* One mapping for every leaf and combinator (docs/knowledge.md, "Rules"). Exactly one of the first group is set. */
struct rule {
	/* combinators */
	struct rule *all, *any, *none;
	unsigned all_count, any_count, none_count;
	/* leaves: the key names the kind, its value the name */
	char *config, *config_exists, *driver, *alias, *note, *symbol, *string, *table, *u32, *modinfo, *payload, *vdso;
	/* qualifiers of a leaf */
	char *of, *value, *version, *file;
	unsigned type, bits, stride, offset, size;
	int *flag_offset;
	bool object;
	enum table_element element;
	enum table_format format;
	enum table_ends ends;
	enum depth *depth; /* NULL: the kind's default */
	/* what it gives when true (top level of `speaks` only) */
	bool unknown_versions;
	char **versions;
	unsigned versions_count;
	enum grade grade;
	struct help *way_out; /* grade is degraded unless this is done, e.g. a boot parameter */
	char *why, *source;
	/* filled by knowledge_load(): */
	size_t want;      /* leaf: its index in knowledge.wants */
	version_t *given; /* `versions`, read; parallel to it */
	unsigned parts;   /* of the longest of them */
};

struct refusal { /* presence removes support */
	struct rule *when;
	char *why, *source;
	struct help *way_out; /* makes it "degraded" instead of "refused" */
};

struct demand { /* what the kernel insists on */
	char *feature;
	char **modes; /* of the host; empty: all */
	unsigned modes_count;
	struct rule *when; /* the evidence that this kernel insists on it */
	char *why, *source;
};

struct driver_decl {
	char *driver;
	char **also;
	unsigned also_count;
	char **config;
	unsigned config_count;
	char **sysfs; /* what it is called below /sys/bus, where that is not the module's name */
	unsigned sysfs_count;
};

struct iface {
	char *name; /* key `interface` */
	enum iface_class class_;
	char *kind; /* paravirtual | emulated | passthrough | abi | boot */
	char *about, *source;
	char **arch; /* x86_64 i686 aarch64; empty: all */
	unsigned arch_count;
	struct driver_decl *drivers;
	unsigned drivers_count;
	struct rule *speaks;
	unsigned speaks_count;
	struct refusal *refused_by;
	unsigned refused_by_count;
	struct demand *demands;
	unsigned demands_count;
	struct rule *details; /* more to read at DEPTH_DEEP, shown by `query --facts`, never judged */
	unsigned details_count;
	struct help *help;
	/* filled by knowledge_load(): */
	char *file;     /* where it was read from */
	bool versioned; /* some rule of `speaks` can tell versions, or says that it cannot */
};

/* How versions meet (docs/knowledge.md, "Meeting"). */
enum meets { MEETS_PRESENCE, MEETS_HOST_MAXIMUM, MEETS_OVERLAP, MEETS_EQUAL, MEETS_SUPERSET };

struct at { /* from host version `since` on, the host's versions are these */
	char *since; /* NULL: from the first on */
	char **versions;
	unsigned versions_count;
	/* filled by knowledge_load(): */
	unsigned first;   /* index of `since` */
	version_t *given; /* `versions`, read; parallel to it */
	unsigned parts;   /* of the longest of them */
};

struct offer {
	char *interface;
	enum meets meets;
	struct at *at;
	unsigned at_count;
	char **modes; /* empty: all */
	unsigned modes_count;
	char **arch;
	unsigned arch_count;
	char *since, *until; /* host version ids, both inclusive; NULL: open */
	enum grade grade;
	struct help *way_out; /* e.g. what the host's owner must switch on */
	struct refusal *refused_by; /* on this host only */
	unsigned refused_by_count;
	/*
	 * Where this interface's own versions were not read at this depth, those of `unread_follows` on the
	 * same host decide, and the answer is marked as inferred. `check` and `gate` read deep and never
	 * infer.
	 */
	char *unread_follows;
	struct help *help;
	char *source;
	/* filled by knowledge_load(): */
	const struct iface *iface;
	unsigned first, last; /* host version indices, inclusive */
};

struct provide {
	char *feature;
	char **modes;
	unsigned modes_count;
	char *since, *until;
	char *source;
	unsigned first, last;
};

enum need { NEED_NONE, NEED_OPTIONAL, NEED_REQUIRED };

/* Something to look at on the machine itself: a file, or one bit of a hypervisor's CPUID leaf. */
struct trait {
	char *path;        /* sysfs, procfs or the device tree; a pattern: any of them */
	char *is;          /* shell pattern for its first line; NULL: it only has to be there */
	unsigned *leaf;    /* instead: offset from the hypervisor's first leaf */
	unsigned reg, bit; /* 0 EAX … 3 EDX */
	bool absent;       /* holds when the above does not */
};

struct detect { /* one way to recognise a host: all of it must hold */
	char *cpuid; /* signature, 12 characters at most; NULL: does not matter */
	char *word;  /* what systemd-detect-virt calls this one, if not host.detect_virt */
	struct trait *traits;
	unsigned traits_count;
	char *source;
};

struct number { /* where a host tells its version as a number; the first source that is there */
	unsigned *leaf; /* CPUID, offset from the hypervisor's first leaf */
	unsigned reg;
	char **files;   /* or one file, or two that are the number's upper and lower 16 bits */
	unsigned files_count;
};

struct host_version {
	char *id;
	unsigned *number; /* the least number that is this version, see struct number; may be NULL */
	struct trait *detect; /* a machine is at this version only if all of these hold */
	unsigned detect_count;
	char **aliases;
	unsigned aliases_count;
	char *released, *support_until; /* YYYY-MM-DD; may be NULL */
	char *about, *source;
};

struct mode {
	char *id;
	char *about;
	char *loader; /* "toolstack", "in-guest" …; NULL: makes no difference */
	char **arch;
	unsigned arch_count;
	char *since, *until;
	char *detect_virt;    /* systemd-detect-virt's word there, if not the host's */
	struct trait *detect; /* a machine is in this mode only if all of these hold */
	unsigned detect_count;
	enum need needs[CLASS_COUNT];
	unsigned first, last;
};

/* A counterpart of the kernel: a hypervisor product, or an old userspace. */
struct host {
	char *name;  /* key `hypervisor` or `userspace` */
	char *title; /* key `name` */
	bool userspace;
	char *detect_virt; /* systemd-detect-virt's word; may be NULL */
	char *about, *source;
	struct detect *detect; /* any of them; the one that asks for most wins over other hosts' */
	unsigned detect_count;
	struct number *number;
	unsigned number_count;
	struct host_version *versions; /* oldest first; never empty after loading (one "any" where the file has none) */
	unsigned versions_count;
	struct mode *modes; /* never empty after loading (one "" where the file has none) */
	unsigned modes_count;
	struct offer *offers;
	unsigned offers_count;
	struct provide *provides;
	unsigned provides_count;
	char *file; /* where it was read from */
};

struct knowledge {
	struct iface **ifaces; /* by name */
	size_t n_ifaces;
	struct host **hosts; /* hypervisors by name, then userspaces by name */
	size_t n_hosts;
	struct want_list wants; /* the union of all leaves */
	char **files; /* every file that was read, in order */
	size_t n_files;
	struct arena *arena; /* private: holds all of the above but `wants` */
};

/*
 * Loads interfaces/, hypervisors/ and userspace/ under each of `dirs` (NULL-terminated, lowest precedence
 * first: the share directory, then /etc/hvcompat). A file in a later directory replaces the one of the same
 * name; a link to /dev/null, or an empty file, masks it; the .yaml files in NAME.yaml.d/ are further files of
 * the same kind, each one interface or host of its own, and are replaced and masked the same way. Any flaw is
 * an error that names file, line and column: unknown or repeated keys, wrong types, names nobody declares,
 * versions out of order, a rule without a source, an interface nobody offers, a need nobody can meet, a name
 * used twice. The first flaw is in `err`; all of them go to `report` (may be NULL) line by line. Returns 0,
 * -ENOENT, or -EINVAL.
 */
typedef void (*knowledge_report)(void *ctx, const char *line);
int knowledge_load(const char *const *dirs, knowledge_report report, void *ctx, struct knowledge **ret,
		   struct error *err);
struct knowledge *knowledge_free(struct knowledge *k);
DEFINE_CLEANUP(struct knowledge *, knowledge_free)

const struct iface *knowledge_iface(const struct knowledge *k, const char *name);
const struct host *knowledge_host(const struct knowledge *k, const char *name);

/* Index of a version by id or alias, of a mode by id (NULL: the one of a host that has no modes); -1: there is none. */
int host_version_index(const struct host *h, const char *id);
int host_mode_index(const struct host *h, const char *id);

/* What facts.arch may say (uname -m), and no file may name another. */
#define ARCHES 3
extern const char *const arch_names[ARCHES];
#define ARCHES_TEXT "x86_64, i686, aarch64" /* in messages */
bool arch_known(const char *word);

/* Whether a list of architectures (empty: all) has `arch`; NULL, an unknown one, is in every list. */
bool arch_listed(char *const *list, unsigned count, const char *arch);

/* Whether a list of modes (empty: all) has `id`. */
bool mode_listed(char *const *list, unsigned count, const char *id);

/* Whether an offer stands for that version, mode and architecture (NULL: not known). */
bool offer_active(const struct offer *o, unsigned version, const struct mode *m, const char *arch);

/* What the host's versions of an offer are there: the last `at` that has begun. NULL: none has. */
const struct at *offer_at(const struct offer *o, unsigned version);

#endif
