/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/shim_parts.h"

#include "compat/select.h"

static void vet_text(struct shim_vet *vet, const char *key, const char *text, const char *what)
{
	if (!text)
		shim_flaw(vet, NULL, "key '%s' is missing: %s", key, what);
}

/* The directory's name is what commands call the shim, so it must be what reports call it. */
static void vet_name(struct shim_vet *vet)
{
	const struct shim *s = vet->shim;
	_cleanup_(freep) char *real = realpath(s->dir, NULL);
	const char *base = path_base(real ? real : s->dir);

	if (!s->name)
		shim_flaw(vet, NULL, "key 'shim' is missing: write \"shim: %s\"", base);
	else if (s->name[strspn(s->name, "abcdefghijklmnopqrstuvwxyz0123456789-")])
		shim_flaw(vet, STEP(NULL, "shim"), "'%s': a name is made of a-z, 0-9 and '-'", s->name);
	else if (!streq(s->name, base))
		shim_flaw(vet, STEP(NULL, "shim"), "the shim is called '%s' and its directory '%s'; make them the same",
			  s->name, base);
}

static bool offers(const struct host *h, const char *interface)
{
	for (unsigned i = 0; i < h->offers_count; i++)
		if (streq(h->offers[i].interface, interface))
			return true;
	return false;
}

static bool offers_proof(const struct host *h, const struct shim_proof *p)
{
	if (p->interface && offers(h, p->interface))
		return true;
	for (unsigned i = 0; i < p->one_of_count; i++)
		if (offers(h, p->one_of[i]))
			return true;
	return false;
}

/* A host that offers nothing of what the shim proves cannot be kept by it. */
static void vet_kept(struct shim_vet *vet, const struct step *way, const struct host *h)
{
	for (unsigned i = 0; i < vet->shim->proof_count; i++)
		if (offers_proof(h, &vet->shim->proof[i]))
			return;
	if (vet->shim->proof_count > 0)
		shim_flaw(vet, way, "%s offers none of the interfaces that 'proof' names", h->name);
}

static void vet_keeps(struct shim_vet *vet)
{
	const struct step *way = STEP(NULL, "keeps");

	if (vet->shim->keeps_count == 0)
		shim_flaw(vet, way, "'keeps' must name the hosts that this is for, as HOST:VERSIONS/MODE");
	for (unsigned i = 0; i < vet->shim->keeps_count; i++) {
		struct selection selection = { 0 };
		struct error why = { 0 };

		if (selection_parse(vet->knowledge, vet->shim->keeps[i], &selection, &why) < 0)
			shim_flaw(vet, ITEM(way, i), "%s", why.text);
		else
			vet_kept(vet, ITEM(way, i), selection.host);
		selection_done(&selection);
	}
}

/* An interface that does not exist on an architecture could never be proved there. */
static void vet_proof_arch(struct shim_vet *vet, const struct step *way, const struct iface *iface)
{
	const struct shim *s = vet->shim;

	for (size_t i = 0; i < ARCHES; i++)
		if (arch_listed(s->arch, s->arch_count, arch_names[i]) &&
		    !arch_listed(iface->arch, iface->arch_count, arch_names[i]))
			shim_flaw(vet, way, "'%s' does not exist on %s; narrow 'arch' to where it does", iface->name,
				  arch_names[i]);
}

static const struct iface *vet_iface(struct shim_vet *vet, const struct step *way, const char *name)
{
	const struct iface *iface = knowledge_iface(vet->knowledge, name);

	if (iface)
		vet_proof_arch(vet, way, iface);
	else
		shim_flaw(vet, way, "unknown interface '%s'", name);
	return iface;
}

static bool plain_version(const char *text)
{
	version_t version;

	return text[strspn(text, "0123456789.")] == '\0' && version_parse(text, &version) == 0;
}

static void vet_proof(struct shim_vet *vet, const struct step *way, const struct shim_proof *p)
{
	const struct iface *iface = p->interface ? vet_iface(vet, STEP(way, "interface"), p->interface) : NULL;

	if (!p->interface == !p->one_of_count)
		shim_flaw(vet, way, "a proof is one 'interface', or a list 'one-of'");
	for (unsigned i = 0; i < p->one_of_count; i++)
		vet_iface(vet, ITEM(STEP(way, "one-of"), i), p->one_of[i]);
	if (p->versions_count > 0 && (!p->interface || (iface && !iface->versioned)))
		shim_flaw(vet, STEP(way, "versions"), "%s", p->interface ? "this interface has no versions"
									 : "'versions' go with 'interface'");
	for (unsigned i = 0; i < p->versions_count; i++)
		if (!plain_version(p->versions[i]))
			shim_flaw(vet, ITEM(STEP(way, "versions"), i),
				  "'%s' is no version; expected up to four numbers, as in \"5.3\"", p->versions[i]);
}

static void vet_proofs(struct shim_vet *vet)
{
	const struct step *way = STEP(NULL, "proof");

	if (vet->shim->proof_count == 0)
		shim_flaw(vet, way,
			  "'proof' must name the interfaces by which the built kernel shows that the shim works");
	for (unsigned i = 0; i < vet->shim->proof_count; i++)
		vet_proof(vet, ITEM(way, i), &vet->shim->proof[i]);
}

void shim_vet(struct shim_vet *vet)
{
	const struct shim *s = vet->shim;

	vet_name(vet);
	vet_text(vet, "about", s->about, "say what it restores");
	vet_text(vet, "cost", s->cost, "say what it costs those who do not need it");
	vet_text(vet, "risk", s->risk, "say what may go wrong, and what was not tested");
	vet_text(vet, "source", s->source, "say how that is known");
	for (unsigned i = 0; i < s->arch_count; i++)
		if (!arch_known(s->arch[i]))
			shim_flaw(vet, ITEM(STEP(NULL, "arch"), i),
				  "unknown architecture '%s'; there are " ARCHES_TEXT, s->arch[i]);
	vet_keeps(vet);
	vet_proofs(vet);
	shim_vet_config(vet, STEP(NULL, "config"), s->config, s->config_count);
	shim_vet_files(vet);
}
