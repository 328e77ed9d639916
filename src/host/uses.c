/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/uses.h"

#include <errno.h>
#include <limits.h>

#include "compat/lint.h"

#define DEPTH_MAX 8	      /* of device mapper and md over each other */
#define MOUNTS_MAX (1u << 20) /* bytes */

struct uses {
	const struct look_at *look;
	const struct knowledge *knowledge;
	struct machine *machine;
	struct strings disks;	/* whole disks in use: "sda" */
	struct strings unknown;
	bool any_up;		/* a network interface is up */
};

static bool names(char *const *list, unsigned count, const char *name)
{
	for (unsigned i = 0; i < count; i++)
		if (driver_compare(list[i], name) == 0)
			return true;
	return false;
}

static bool declares(const struct iface *f, const char *name)
{
	for (unsigned i = 0; i < f->drivers_count; i++) {
		const struct driver_decl *d = &f->drivers[i];

		if (driver_compare(d->driver, name) == 0 || names(d->also, d->also_count, name) ||
		    names(d->sysfs, d->sysfs_count, name))
			return true;
	}
	return false;
}

static char *full(const struct uses *u, const char *dir, const char *name, const char *rest)
{
	return xasprintf("%s%s%s%s", u->look->root, dir, name, rest);
}

/* The real path if it is below the machine's /sys/devices; links elsewhere are not followed. Owned. */
static char *resolve(const struct uses *u, const char *path)
{
	_cleanup_(freep) char *top = xasprintf("%s/sys/devices", u->look->root), *devices = realpath(top, NULL);
	char *real = devices ? realpath(path, NULL) : NULL;
	const char *rest = real && devices ? startswith(real, devices) : NULL;

	if (!real)
		look_trouble(u->look, path, errno);
	if (rest && (*rest == '/' || !*rest))
		return real;
	free(real);
	return NULL;
}

/* The name that a link has at its end; NULL: no link. Owned. */
static char *link_name(const struct uses *u, const char *dir, const char *name)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", dir, name);
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	if (n < 0)
		look_trouble(u->look, path, errno);
	if (n <= 0)
		return NULL;
	target[n] = '\0';
	return xstrdup(path_base(target));
}

static void add_use(struct uses *u, const struct iface *f, const char *what, const char *driver, bool vital)
{
	struct machine *m = u->machine;

	if (m->n_uses >= USES_MAX)
		return;
	ARRAY_GROW(m->uses, m->n_uses);
	m->uses[m->n_uses++] = (struct machine_use){
		.iface = f, .what = xstrdup(what), .driver = xstrdup(driver), .vital = vital,
	};
}

/* Adds the interfaces that a driver serves. Returns whether one of them is of the class. */
static bool add_served(struct uses *u, const char *driver, const char *what, enum iface_class want, bool vital)
{
	bool found = false;

	for (size_t i = 0; i < u->knowledge->n_ifaces; i++) {
		const struct iface *f = u->knowledge->ifaces[i];

		if (f->class_ != want || !declares(f, driver))
			continue;
		add_use(u, f, what, driver, vital);
		found = true;
	}
	return found;
}

/* Goes up from a device to the bus it hangs on, by the drivers on the way. */
static bool climb(struct uses *u, char *dir, const char *what, enum iface_class want, bool vital, struct strings *seen)
{
	_cleanup_(freep) char *end = resolve(u, dir);
	bool found = false;

	if (!end)
		return false;
	for (char *slash; !endswith(end, "/sys/devices") && (slash = strrchr(end, '/')); *slash = '\0') {
		_cleanup_(freep) char *driver = link_name(u, end, "driver"), *module = link_name(u, end, "driver/module");
		bool served = false;

		if (module)
			served = add_served(u, module, what, want, vital);
		if (driver && !served && (!module || driver_compare(module, driver) != 0))
			served = add_served(u, driver, what, want, vital);
		if (driver || module)
			strings_add(seen, xstrdup(module ? module : driver));
		found |= served;
	}
	return found;
}

/* A disk with several ways to it stands beside links to each of them. */
static bool climb_beside(struct uses *u, const char *dir, const char *what, bool vital, struct strings *seen)
{
	_cleanup_(freep) char *real = resolve(u, dir);
	bool found = false;
	DIR *d = real ? look_dir(u->look, real) : NULL;
	unsigned n = 0;

	for (struct dirent *e; d && n < USES_MAX && (e = look_next(u->look, d, real)); n++) {
		_cleanup_(freep) char *path = xasprintf("%s/%s", real, e->d_name), *to = link_name(u, real, e->d_name);

		if (to && !streq(e->d_name, "subsystem") && !streq(e->d_name, "driver") && !streq(e->d_name, "device"))
			found |= climb(u, path, what, CLASS_DISK, vital, seen);
	}
	if (d)
		closedir(d);
	return found;
}

static void add_unknown(struct uses *u, const char *what, const struct strings *seen)
{
	_cleanup_(buf_done) struct buf drivers = { 0 };

	for (size_t i = 0; i < seen->n; i++) {
		buf_addf(&drivers, "%s%s", i ? ", " : "", seen->items[i]);
		if (!strings_have(&u->machine->drivers_unknown, seen->items[i]))
			strings_add(&u->machine->drivers_unknown, xstrdup(seen->items[i]));
	}
	strings_add(&u->unknown, xasprintf("%s (%s)", what, seen->n ? drivers.text : "no driver is shown"));
}

static void add_disk(struct uses *u, const char *name, bool vital)
{
	_cleanup_(freep) char *dir = full(u, "/sys/class/block/", name, "/device"), *what = xasprintf("disk %s", name);
	_cleanup_(strings_done) struct strings seen = { 0 };
	bool found = climb(u, dir, what, CLASS_DISK, vital, &seen);

	if (!found && seen.n == 0)
		found = climb_beside(u, dir, what, vital, &seen);
	if (!found && vital)
		add_unknown(u, what, &seen);
}

/* Finds the whole disks below a block device: partitions, device mapper, md. */
static void find_disks(struct uses *u, const char *name, unsigned depth)
{
	_cleanup_(freep) char *path = full(u, "/sys/class/block/", name, ""), *real = resolve(u, path), *slaves = NULL,
			      *partition = NULL, *device = NULL;
	bool below = false;
	DIR *d;

	if (!real || depth > DEPTH_MAX)
		return;
	partition = xasprintf("%s/partition", real);
	if (access(partition, F_OK) == 0) {
		*strrchr(real, '/') = '\0';
		find_disks(u, path_base(real), depth + 1);
		return;
	}
	slaves = xasprintf("%s/slaves", real);
	d = look_dir(u->look, slaves);
	for (struct dirent *e; d && (e = look_next(u->look, d, slaves));) {
		if (e->d_name[0] == '.')
			continue;
		below = true;
		find_disks(u, e->d_name, depth + 1);
	}
	if (d)
		closedir(d);
	device = xasprintf("%s/device", real);
	if (!below && access(device, F_OK) == 0 && u->disks.n < USES_MAX && !strings_have(&u->disks, name))
		strings_add(&u->disks, xstrdup(name));
}

/* What is mounted: field 3 of mountinfo is the device's number, and the source stands behind " - TYPE". */
static void find_mounted(struct uses *u, char *line)
{
	_cleanup_(freep) char *path = NULL, *name = NULL;
	char number[32], source[256], *rest = strstr(line, " - ");

	if (sscanf(line, "%*s %*s %31[0-9:]", number) == 1) {
		path = full(u, "/sys/dev/block/", number, "");
		name = resolve(u, path);
	}
	if (name)
		find_disks(u, path_base(name), 0);
	/* A filesystem over several devices has a number of its own; its source is one of them. */
	else if (rest && sscanf(rest, " - %*s /dev/%255s", source) == 1)
		find_disks(u, path_base(source), 0);
}

static void find_used(struct uses *u)
{
	_cleanup_(freep) char *mounts = look_text(u->look, "/proc/self/mountinfo", MOUNTS_MAX),
			      *swaps = look_text(u->look, "/proc/swaps", MOUNTS_MAX);
	char *save = NULL, name[256];

	for (char *line = strtok_r(mounts, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		find_mounted(u, line);
	for (char *line = strtok_r(swaps, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (sscanf(line, "/dev/%255s", name) == 1)
			find_disks(u, path_base(name), 0);
}

static void each(struct uses *u, const char *path, void (*fn)(struct uses *u, const char *name))
{
	_cleanup_(freep) char *dir = full(u, "", path, "");
	DIR *d = look_dir(u->look, dir);
	unsigned n = 0;

	for (struct dirent *e; d && n < USES_MAX && (e = look_next(u->look, d, dir)); n++)
		if (e->d_name[0] != '.')
			fn(u, e->d_name);
	if (d)
		closedir(d);
}

static void find_any(struct uses *u, const char *name)
{
	_cleanup_(freep) char *path = xasprintf("/sys/class/block/%s/removable", name), *removable = NULL;

	removable = look_line(u->look, path);
	if (!removable || streq(removable, "0"))
		find_disks(u, name, 0);
}

static void add_other_disk(struct uses *u, const char *name)
{
	_cleanup_(freep) char *path = full(u, "/sys/class/block/", name, "/partition");

	if (access(path, F_OK) < 0 && !strings_have(&u->disks, name))
		add_disk(u, name, false);
}

static bool net_is_up(struct uses *u, const char *name)
{
	_cleanup_(freep) char *path = xasprintf("/sys/class/net/%s/operstate", name), *state = NULL;

	state = look_line(u->look, path);
	return !state || !streq(state, "down");
}

/* An interface without a device, such as lo, is the kernel's own. */
static bool net_is_device(struct uses *u, const char *name)
{
	_cleanup_(freep) char *dir = full(u, "/sys/class/net/", name, "/device");

	return access(dir, F_OK) == 0;
}

static void find_up(struct uses *u, const char *name)
{
	u->any_up |= net_is_device(u, name) && net_is_up(u, name);
}

/* One that is down is none that the machine needs, unless all of them are: then nothing was brought up yet. */
static void add_net(struct uses *u, const char *name)
{
	_cleanup_(freep) char *dir = full(u, "/sys/class/net/", name, "/device"), *what = xasprintf("network %s", name);
	_cleanup_(strings_done) struct strings seen = { 0 };
	bool vital = !u->any_up || net_is_up(u, name);

	if (!net_is_device(u, name))
		return;
	if (!climb(u, dir, what, CLASS_NET, vital, &seen) && vital)
		add_unknown(u, what, &seen);
}

void uses_read(const struct look_at *l, const struct knowledge *k, struct machine *m)
{
	struct uses u = { .look = l, .knowledge = k, .machine = m };

	find_used(&u);
	/* In an initial ramdisk or a container nothing is mounted from a disk; then all of them count. */
	if (u.disks.n == 0)
		each(&u, "/sys/class/block", find_any);
	for (size_t i = 0; i < u.disks.n; i++)
		add_disk(&u, u.disks.items[i], true);
	each(&u, "/sys/class/block", add_other_disk);
	each(&u, "/sys/class/net", find_up);
	each(&u, "/sys/class/net", add_net);
	m->devices_unknown = u.unknown.items ? u.unknown.items : xcalloc(1, sizeof(char *));
	strings_done(&u.disks);
}
