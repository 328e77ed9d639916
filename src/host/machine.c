/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/machine.h"

#include <errno.h>
#include <sys/utsname.h>

#include "host/look.h"
#include "host/uses.h"

struct reading {
	const struct knowledge *knowledge;
	struct look_at look;
	struct machine *machine;
	char *arch;
	uint32_t base; /* the host's first CPUID leaf; 0: none */
};

static void add_sign(struct machine *m, char *place, char *found)
{
	ARRAY_GROW(m->signs, m->n_signs);
	m->signs[m->n_signs++] = (struct machine_sign){ .place = place, .found = found };
}

/* What a reader wants to see of any machine; what decides is in the knowledge. */
static void read_signs(struct reading *r)
{
	static const char *const places[] = {
		"/sys/hypervisor/type", "/sys/hypervisor/guest_type", "/sys/hypervisor/version/major",
		"/sys/hypervisor/version/minor", "/sys/hypervisor/version/extra", "/proc/xen/capabilities",
		"/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/product_name", "/sys/class/dmi/id/product_version",
		"/sys/class/dmi/id/bios_vendor", "/sys/class/dmi/id/bios_version", "/sys/class/dmi/id/bios_date",
		"/sys/class/dmi/id/chassis_asset_tag", "/proc/device-tree/hypervisor/compatible",
		"/sys/devices/system/clocksource/clocksource0/current_clocksource",
	};
	char text[13];
	uint32_t leaf;

	for (unsigned n = 0; (leaf = look_signature_at(&r->look, n, text)); n++)
		add_sign(r->machine, xasprintf("CPUID 0x%08x", leaf), xstrdup(text));
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		char *line = look_line(&r->look, places[i]);

		if (line && *line)
			add_sign(r->machine, xstrdup(places[i]), line);
		else
			free(line);
	}
}

static char *read_arch(const struct look_at *l)
{
	char *arch = look_line(l, "/proc/sys/kernel/arch");
	struct utsname u;

	if (!arch)
		arch = xstrdup(uname(&u) == 0 ? u.machine : "");
	if (arch[0] == 'i' && arch[1] && streq(arch + 2, "86"))
		arch[1] = '6';
	return arch;
}

/* Xen's PV guests may see the processor's own CPUID. */
static bool says_hypervisor(const struct machine *m)
{
	for (size_t i = 0; i < m->n_signs; i++)
		if (startswith(m->signs[i].place, "/sys/hypervisor/"))
			return true;
	return false;
}

/* --- which host -------------------------------------------------------------------------------- */

/* How much an entry asked for, all of which holds; 0: it does not hold. */
static unsigned weight(struct reading *r, const struct detect *d, uint32_t *ret_base)
{
	*ret_base = d->cpuid ? look_signature(&r->look, d->cpuid) : 0;
	if ((d->cpuid && !*ret_base) || !look_traits(&r->look, *ret_base, d->traits, d->traits_count))
		return 0;
	return (d->cpuid ? 1 : 0) + d->traits_count;
}

/* Two hosts that are told equally well: then it is neither of them for sure. */
static void find_host(struct reading *r, char **ret_doubt)
{
	struct machine *m = r->machine;
	const char *word = NULL;
	unsigned best = 0;

	for (size_t i = 0; i < r->knowledge->n_hosts; i++) {
		const struct host *h = r->knowledge->hosts[i];

		for (unsigned d = 0; d < h->detect_count; d++) {
			uint32_t base;
			unsigned w = weight(r, &h->detect[d], &base);

			/* Of a host's own entries the first one decides. */
			if (w == 0 || w < best || (w == best && h == m->host))
				continue;
			if (w == best) {
				free(*ret_doubt);
				*ret_doubt = xasprintf("it may be %s as well as %s", m->host->title, h->title);
				continue;
			}
			free(*ret_doubt);
			*ret_doubt = NULL;
			best = w;
			m->host = h;
			r->base = base;
			word = h->detect[d].word ? h->detect[d].word : h->detect_virt;
		}
	}
	if (*ret_doubt)
		m->host = NULL;
	else if (word)
		m->detect_virt = xstrdup(word);
}

/* --- which version and mode -------------------------------------------------------------------- */

static bool file_number(const struct look_at *l, const char *path, unsigned long *ret)
{
	_cleanup_(freep) char *line = look_line(l, path);
	char *end;

	if (!line || line[0] < '0' || line[0] > '9')
		return false;
	*ret = strtoul(line, &end, 10);
	return !*end && *ret <= UINT32_MAX;
}

static bool read_number(struct reading *r, const struct number *n, uint32_t *ret)
{
	unsigned long high = 0, low;
	uint32_t reg[4];

	if (n->leaf) {
		if (!r->base || !look_cpuid(&r->look, r->base + *n->leaf, reg))
			return false;
		*ret = reg[n->reg];
		return *ret != 0;
	}
	if (n->files_count == 2 && !file_number(&r->look, n->files[0], &high))
		return false;
	if (!file_number(&r->look, n->files[n->files_count - 1], &low))
		return false;
	if (n->files_count == 2 && (high > UINT16_MAX || low > UINT16_MAX))
		return false;
	*ret = (uint32_t)(high << 16 | low);
	return true;
}

/* One below the least that is known is older than the first, and one above the last is newer: no version is it. */
static void narrow_by_number(struct reading *r, bool *versions)
{
	const struct host *h = r->machine->host;
	uint32_t number;
	unsigned i = 0;
	int at = -1;

	while (i < h->number_count && !read_number(r, &h->number[i], &number))
		i++;
	if (i == h->number_count)
		return;
	add_sign(r->machine, xstrdup("version number"), xasprintf("%u", number));
	for (unsigned v = 0; v < h->versions_count; v++)
		if (h->versions[v].number && *h->versions[v].number <= number)
			at = (int)v;
	for (unsigned v = 0; v < h->versions_count; v++)
		versions[v] &= (int)v == at || (at < 0 && !h->versions[v].number);
}

/* Whether all that the machine needs and the host has anywhere is to be had at that place. */
static bool place_serves(const struct reading *r, unsigned v, const struct mode *mode)
{
	const struct machine *m = r->machine;

	for (size_t i = 0; i < m->n_uses; i++) {
		bool offered = false, here = false;

		/* dom0 has the devices of the machine below, and no need of them from its host. */
		if (!m->uses[i].vital || mode->needs[m->uses[i].iface->class_] == NEED_NONE)
			continue;
		for (unsigned o = 0; o < m->host->offers_count; o++) {
			if (m->host->offers[o].iface != m->uses[i].iface)
				continue;
			offered = true;
			here |= offer_active(&m->host->offers[o], v, mode, r->arch);
		}
		if (offered && !here)
			return false;
	}
	return true;
}

static void settle(struct machine *m)
{
	const struct host *h = m->host;
	bool many = false;

	for (unsigned v = 0; v < h->versions_count; v++)
		for (unsigned i = 0; i < h->modes_count; i++) {
			if (!m->possible[v * h->modes_count + i])
				continue;
			if (m->first < 0)
				m->first = (int)v;
			m->last = (int)v;
			many |= m->mode >= 0 && m->mode != (int)i;
			m->mode = (int)i;
		}
	if (many)
		m->mode = -1;
}

static void find_places(struct reading *r)
{
	struct machine *m = r->machine;
	const struct host *h = m->host;
	_cleanup_(freep) bool *versions = xcalloc(h->versions_count, sizeof(bool));

	m->possible = xcalloc((size_t)h->versions_count * h->modes_count, sizeof(bool));
	for (unsigned v = 0; v < h->versions_count; v++)
		versions[v] = look_traits(&r->look, r->base, h->versions[v].detect, h->versions[v].detect_count);
	narrow_by_number(r, versions);
	for (unsigned i = 0; i < h->modes_count; i++) {
		const struct mode *mode = &h->modes[i];
		bool there = arch_listed(mode->arch, mode->arch_count, r->arch) &&
			     look_traits(&r->look, r->base, mode->detect, mode->detect_count);

		for (unsigned v = 0; v < h->versions_count; v++)
			m->possible[v * h->modes_count + i] = there && versions[v] && mode->first <= v &&
							      v <= mode->last && place_serves(r, v, mode);
	}
	settle(m);
	if (m->mode >= 0 && h->modes[m->mode].detect_virt) {
		free(m->detect_virt);
		m->detect_virt = xstrdup(h->modes[m->mode].detect_virt);
	}
}

int machine_read(const struct knowledge *k, const char *root, struct machine **ret, struct error *err)
{
	_cleanup_(machine_freep) struct machine *m = xcalloc(1, sizeof(*m));
	struct reading r = { .knowledge = k, .machine = m };
	bool hypervisor;
	int code;

	if (access(root, X_OK) < 0)
		return error_set(err, errno, "%s: cannot be looked at: %s", root, strerror(errno));
	m->first = m->last = m->mode = -1;
	look_begin(&r.look, root);
	r.arch = read_arch(&r.look);
	read_signs(&r);
	hypervisor = look_hypervisor_bit(&r.look) || says_hypervisor(m);
	find_host(&r, &m->doubt);
	uses_read(&r.look, k, m);
	if (m->host)
		find_places(&r);
	if (!m->detect_virt)
		m->detect_virt = xstrdup(hypervisor || m->doubt || m->host ? "vm-other" : "none");
	m->arch = r.arch;
	code = r.look.trouble->code;
	if (code)
		*err = *r.look.trouble;
	else
		*ret = TAKE_PTR(m);
	look_done(&r.look);
	return code;
}

struct machine *machine_free(struct machine *m)
{
	if (!m)
		return NULL;
	for (size_t i = 0; i < m->n_signs; i++) {
		free(m->signs[i].place);
		free(m->signs[i].found);
	}
	for (size_t i = 0; i < m->n_uses; i++) {
		free(m->uses[i].what);
		free(m->uses[i].driver);
	}
	for (size_t i = 0; m->devices_unknown && m->devices_unknown[i]; i++)
		free(m->devices_unknown[i]);
	free(m->devices_unknown);
	strings_done(&m->drivers_unknown);
	free(m->signs);
	free(m->uses);
	free(m->possible);
	free(m->detect_virt);
	free(m->doubt);
	free(m->arch);
	free(m);
	return NULL;
}
