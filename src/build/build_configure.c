/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/build_private.h"

#include <errno.h>
#include <fnmatch.h>

#define CONFIG_MAX (16u << 20)

/* --- the base */

/* What `make` takes as a base: the targets of scripts/kconfig/Makefile that make a config out of nothing. */
static bool is_target(const char *name)
{
	static const char *const targets[] = { "defconfig", "tinyconfig", "allnoconfig", "alldefconfig", "allmodconfig",
					       "allyesconfig" };

	for (size_t i = 0; i < ARRAY_SIZE(targets); i++)
		if (streq(name, targets[i]))
			return true;
	return endswith(name, "_defconfig") && !strchr(name, '/');
}

static int no_target(const char *name, struct error *err)
{
	return error_set(err, ENOENT,
			 "--config %s: there is no such file, and it is no config of the source either (defconfig, tinyconfig, allnoconfig, NAME_defconfig)",
			 name);
}

static int make_base(struct build *b, const char *target, struct error *err)
{
	_cleanup_(freep) char *file = xasprintf("%s/.config", b->tree), *text = NULL;
	int r;

	if (!is_target(target)) /* the first line of a file may name anything */
		return no_target(target, err);
	r = run_make(b, (const char *const[]){ target, NULL }, err);
	if (r < 0) {
		error_prefix(err, "make %s", target);
		return r;
	}
	r = fs_read(file, CONFIG_MAX, &text, NULL, err);
	if (r < 0)
		return r;
	settings_asker(&b->settings, ASKER_BASE, target);
	return settings_parse(&b->settings, text, file, err);
}

/* "# base: tinyconfig" on the first line of a fragment: what it is to be put on. Owned, or NULL. */
static char *named_base(const char *text)
{
	const char *name = startswith(text, "# base:");
	size_t n;

	if (!name)
		return NULL;
	name += strspn(name, " \t");
	n = strcspn(name, " \t\r\n");
	return n ? xstrndup(name, n) : NULL;
}

/* A config for another architecture would silently turn into something else. */
static int check_arch(const struct build *b, const char *config, struct error *err)
{
	static const struct {
		const char *option, *arch;
	} words[] = { { "X86_64", "x86_64" }, { "X86_32", "i686" }, { "ARM64", "aarch64" } };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const struct setting *s = settings_find(&b->settings, words[i].option);

		if (s && streq(s->value, "y") && !streq(words[i].arch, b->arch))
			return error_set(err, EINVAL, "--config %s: is for %s, and %s is to be built; say --arch %s", config,
					 words[i].arch, b->arch, words[i].arch);
	}
	return 0;
}

static int read_base(struct build *b, const char *config, struct error *err)
{
	_cleanup_(freep) char *text = NULL, *base = NULL;
	int r;

	if (!fs_exists(config))
		return make_base(b, config, err);
	r = archive_read_text(config, CONFIG_MAX, &text, err);
	if (r < 0)
		return r;
	base = named_base(text);
	if (base && (r = make_base(b, base, err)) < 0)
		return r;
	settings_asker(&b->settings, base ? ASKER_FRAGMENT : ASKER_BASE, config);
	r = settings_parse(&b->settings, text, config, err);
	if (r == 0 && b->settings.n == 0)
		return error_set(err, EBADMSG, "--config %s: sets no option: it is no config", config);
	return r == 0 ? check_arch(b, config, err) : r;
}

/* --- what comes on top */

static int add_words(struct build *b, enum asker kind, const char *name, const char *const *words, struct error *err)
{
	settings_asker(&b->settings, kind, name);
	for (size_t i = 0; words && words[i]; i++) {
		int r = settings_parse_word(&b->settings, words[i], name, err);

		if (r < 0)
			return r;
	}
	return 0;
}

static int add_shim(struct build *b, const struct shim *s, struct error *err)
{
	_cleanup_(freep) const char **words = shim_config(s, b->tree, b->version);

	return add_words(b, ASKER_SHIM, s->name, words, err);
}

int configs_check(const struct build *b, struct error *err)
{
	const char *const *configs = b->request->configs;

	if (!fs_exists(configs[0]) && !is_target(configs[0]))
		return no_target(configs[0], err);
	for (size_t i = 0; configs[i]; i++) {
		if (i > 0 && !fs_exists(configs[i]))
			return error_set(err, ENOENT,
					 "--config %s: there is no such file (only the first one may be a make target)",
					 configs[i]);
		if (fs_is_dir(configs[i]))
			return error_set(err, EISDIR, "--config %s: is a directory", configs[i]);
		if (fs_exists(configs[i]) && access(configs[i], R_OK) < 0)
			return error_set(err, errno, "--config %s: %m", configs[i]);
	}
	return 0;
}

static int add_fragment(struct build *b, const char *file, struct error *err)
{
	_cleanup_(freep) char *text = NULL;
	int r;

	r = archive_read_text(file, CONFIG_MAX, &text, err);
	settings_asker(&b->settings, ASKER_FRAGMENT, file);
	return r == 0 ? settings_parse(&b->settings, text, file, err) : r;
}

/* Whether debug info is on, in the words of any series: one option, or since 5.18 a choice. */
static bool has_debug_info(const struct settings *s)
{
	static const char *const names[] = { "DEBUG_INFO", "DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT", "DEBUG_INFO_DWARF4",
					     "DEBUG_INFO_DWARF5" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct setting *set = settings_find(s, names[i]);

		if (set && streq(set->value, "y"))
			return true;
	}
	return false;
}

static void add_own(struct build *b)
{
	_cleanup_(freep) char *version = xasprintf("\"%s\"", b->request->localversion);

	settings_asker(&b->settings, ASKER_BUILD, "--localversion");
	settings_put(&b->settings, "LOCALVERSION", version);
	settings_put(&b->settings, "LOCALVERSION_AUTO", "n");
	if (b->request->debug_info || !has_debug_info(&b->settings))
		return;
	b->no_debug_info = true;
	settings_asker(&b->settings, ASKER_BUILD, "no --debug-info");
	settings_put(&b->settings, "DEBUG_INFO", "n");
	settings_put(&b->settings, "DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT", "n");
	settings_put(&b->settings, "DEBUG_INFO_DWARF4", "n");
	settings_put(&b->settings, "DEBUG_INFO_DWARF5", "n");
	settings_put(&b->settings, "DEBUG_INFO_NONE", "y");
}

static int collect(struct build *b, struct error *err)
{
	const struct build_request *q = b->request;
	int r = read_base(b, q->configs[0], err);

	for (size_t i = 0; r == 0 && i < b->n_shims; i++)
		r = add_shim(b, b->shims[i], err);
	if (r == 0 && q->policy)
		r = add_words(b, ASKER_POLICY, q->policy->name, (const char *const *)b->policy_options.items, err);
	for (size_t i = 1; r == 0 && q->configs[i]; i++)
		r = add_fragment(b, q->configs[i], err);
	if (r == 0)
		add_own(b);
	return r;
}

/* --- the .config */

static int write_config(struct build *b, struct error *err)
{
	_cleanup_(freep) char *file = xasprintf("%s/.config", b->tree);
	_cleanup_(buf_done) struct buf text = { 0 };
	int r;

	settings_text(&b->settings, &text);
	r = fs_write(file, text.text, text.len, err);
	return r == 0 ? run_make(b, (const char *const[]){ "olddefconfig", NULL }, err) : r;
}

int configure(struct build *b, struct error *err)
{
	int r;

	settings_done(&b->settings);
	r = collect(b, err);
	return r == 0 ? write_config(b, err) : r;
}

/* --- the release */

static void take_release(void *ctx, const char *line)
{
	char **release = ctx;

	if (*line && !strchr(line, ' ')) {
		free(*release);
		*release = xstrdup(line);
	}
}

static int find_release(struct build *b, struct error *err)
{
	_cleanup_(freep) char *arch = xasprintf("ARCH=%s", b->karch), *release = NULL;
	struct command c = {
		.argv = (const char *const[]){ "make", "-s", "--no-print-directory", arch, "kernelrelease", NULL },
		.dir = b->tree, .log = b->log, .line = take_release, .ctx = &release,
	};
	int r;

	/* Writes the file that kernelrelease reads in older series. */
	r = run_make(b, (const char *const[]){ "include/config/auto.conf", NULL }, err);
	if (r == 0)
		r = command_run(&c, err);
	if (r < 0)
		return r;
	if (!release)
		return error_set(err, EBADMSG, "make kernelrelease said nothing");
	free(b->result->release);
	b->result->release = TAKE_PTR(release);
	return state_set(&b->state, "release", b->result->release, err);
}

/* Long before the compiler runs, what the config alone tells for certain. */
static int check_policy(struct build *b, struct error *err)
{
	_cleanup_(freep) char *file = xasprintf("%s/.config", b->tree);
	struct build_checked c = { 0 };
	int r = b->request->policy ? judge(b, file, DEPTH_DEEP, true, &c, err) : 0;
	size_t n = 0;

	for (size_t i = 0; c.decision && i < c.decision->n_findings; i++) {
		const struct finding *f = &c.decision->findings[i];

		if (!f->blocking || f->kind == FINDING_UNKNOWN || f->kind == FINDING_CONTRADICTION)
			continue;
		build_say(b, BUILD_FLAW, "policy %s: %s%s%s", b->request->policy->name, f->message,
			  f->help && f->help[0] ? "; help: " : "", f->help && f->help[0] ? f->help[0] : "");
		n++;
	}
	checked_done(&c);
	if (n > 0)
		b->result->status = EXIT_BLOCKED;
	return r;
}

int step_configure(struct build *b, struct error *err)
{
	int r = configure(b, err);

	if (r == 0 && b->no_debug_info)
		build_say(b, BUILD_NOTE, "debug info is turned off; --debug-info keeps it as the config has it");
	if (r == 0 && lost_round_up(b))
		r = write_config(b, err);
	if (r == 0)
		r = lost_check(b, err);
	if (r == 0)
		r = named_files_check(b, err);
	if (r == 0)
		r = find_release(b, err);
	if (r == 0)
		build_say(b, BUILD_NOTE, "the release is %s", b->result->release);
	if (r == 0)
		r = out_check_names(b, err);
	return r == 0 ? check_policy(b, err) : r;
}
