/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prove/record.h"

#include "base/fs.h"

static const char *const outcomes[OUTCOME_COUNT] = {
	[OUTCOME_BOOTED] = "booted",
	[OUTCOME_BOOTED_WITHOUT_DEVICE] = "booted-without-device",
	[OUTCOME_PANICKED] = "panicked",
	[OUTCOME_REFUSED] = "refused",
	[OUTCOME_SILENT] = "silent",
	[OUTCOME_FAILED] = "failed",
};

const char *outcome_name(enum outcome o)
{
	return outcomes[o];
}

const char *holds_name(enum holds h)
{
	return h == HOLDS_YES ? "yes" : h == HOLDS_NO ? "no" : "unknown";
}

static void device_done(struct record_device *d)
{
	free(d->name);
	free(d->driver);
}

static void claim_done(struct record_claim *c)
{
	free(c->host);
	free(c->version);
	free(c->mode);
	strings_done(&c->through);
}

static void input_done(struct record_input *in)
{
	free(in->package);
	free(in->version);
	free(in->arch);
}

static void texts_done(struct record *r)
{
	char **texts[] = { &r->when, &r->hvcompat, &r->release, &r->arch, &r->family, &r->recipe, &r->program, &r->version,
			   &r->why, &r->hypervisor, &r->clocksource, &r->console_device, &r->append, &r->console };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		free(*texts[i]);
}

struct record *record_free(struct record *r)
{
	if (!r)
		return NULL;
	texts_done(r);
	for (size_t i = 0; i < r->n_inputs; i++)
		input_done(&r->inputs[i]);
	for (size_t i = 0; i < r->n_files; i++)
		free(r->files[i].name);
	for (size_t i = 0; i < r->n_claims; i++)
		claim_done(&r->claims[i]);
	for (size_t i = 0; i < r->n_probes; i++) {
		free(r->probes[i].name);
		free(r->probes[i].value);
	}
	device_done(&r->disk);
	device_done(&r->net);
	free(r->inputs);
	free(r->files);
	free(r->claims);
	free(r->probes);
	strings_done(&r->command);
	free(r);
	return NULL;
}

static bool digest_of_sums(struct strings *sums, char into[65])
{
	_cleanup_(buf_done) struct buf b = { 0 };

	strings_sort(sums);
	for (size_t i = 0; i < sums->n; i++) {
		if (!*sums->items[i])
			return false;
		buf_addf(&b, "%s\n", sums->items[i]);
	}
	return sums->n > 0 && fs_digest(b.text, b.len, into, NULL) == 0;
}

bool record_kernel_digest(const struct facts *f, char into[65])
{
	_cleanup_(strings_done) struct strings sums = { 0 };

	for (size_t i = 0; i < f->n_inputs; i++)
		strings_add(&sums, xstrdup(f->inputs[i].sha256));
	return digest_of_sums(&sums, into);
}

bool record_inputs_digest(const struct record *r, char into[65])
{
	_cleanup_(strings_done) struct strings sums = { 0 };

	for (size_t i = 0; i < r->n_inputs; i++)
		strings_add(&sums, xstrdup(r->inputs[i].sha256));
	return digest_of_sums(&sums, into);
}

bool record_decides(const struct record *r)
{
	return r->outcome != OUTCOME_SILENT && r->outcome != OUTCOME_FAILED;
}

static struct record_value *probe_of(const struct record *r, const char *name)
{
	for (size_t i = 0; i < r->n_probes; i++)
		if (streq(r->probes[i].name, name))
			return &r->probes[i];
	return NULL;
}

const char *record_seen(const struct record *r, const char *name)
{
	const struct {
		const char *name, *value;
	} own[] = {
		{ "hypervisor", r->hypervisor },	  { "clocksource", r->clocksource },
		{ "console", r->console_device }, { "disk", r->disk.driver },
		{ "net", r->net.driver },
	};
	const struct record_value *probe;

	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (streq(own[i].name, name))
			return own[i].value;
	probe = probe_of(r, name);
	return probe ? probe->value : NULL;
}

void record_saw(struct record *r, const char *name, const char *value)
{
	struct record_value *probe = probe_of(r, name);

	if (!probe) {
		ARRAY_GROW(r->probes, r->n_probes);
		probe = &r->probes[r->n_probes++];
		*probe = (struct record_value){ .name = xstrdup(name) };
	}
	free(probe->value);
	probe->value = xstrdup(value);
}
