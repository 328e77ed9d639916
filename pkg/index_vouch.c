/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signatures are gpgv's to judge; what it has judged is what is read, and nothing around it. */
#include "pkg/index_private.h"

#include <errno.h>
#include <unistd.h>

#include "base/command.h"
#include "base/fs.h"
#include "base/scratch.h"
#include "pkg/limits.h"

struct vouching {
	const char *dir;
	const struct index_options *options;
	char *work;      /* private directory */
	char *signer;    /* by VALIDSIG */
	bool bad, unknown; /* a signature that is wrong; one whose key is not there */
};

void index_vouched_done(struct index_vouched *v)
{
	free(v->text);
	free(v->signer);
	*v = (struct index_vouched){ 0 };
}

static void vouching_done(struct vouching *v)
{
	scratch_remove(v->work);
	free(v->signer);
}

/* A line of --status-fd (gnupg, doc/DETAILS). */
static void take_status(void *ctx, const char *line)
{
	struct vouching *v = ctx;
	const char *rest = startswith(line, "[GNUPG:] ");

	if (!rest)
		return;
	v->bad |= startswith(rest, "BADSIG ") || startswith(rest, "ERRSIG ") || startswith(rest, "EXPKEYSIG ") ||
		  startswith(rest, "REVKEYSIG ") || startswith(rest, "EXPSIG ");
	v->unknown |= startswith(rest, "NO_PUBKEY ") != NULL;
	rest = startswith(rest, "VALIDSIG ");
	if (rest && !v->signer)
		v->signer = xstrndup(rest, strspn(rest, "0123456789ABCDEF"));
}

/* Binary keyrings: gpgv fails on others in a way that looks like a signature without a key. */
static int add_keyrings(struct strings *argv, const struct index_options *o, struct error *err)
{
	static const char *const trusted[] = { "/etc/apt/trusted.gpg.d/*.gpg", "/usr/share/keyrings/*.gpg" };

	for (size_t i = 0; o->keyrings && o->keyrings[i]; i++) {
		if (!fs_exists(o->keyrings[i]))
			return error_set(err, ENOENT, "%s: there is no such keyring", o->keyrings[i]);
		if (endswith(o->keyrings[i], ".asc"))
			return error_set(err, EINVAL, "%s: a keyring in armour: make it binary by \"gpg --dearmor\"",
					 o->keyrings[i]);
		strings_add(argv, xstrdup("--keyring"));
		/* A name by itself gpgv would look for in a directory of its own. */
		strings_add(argv, xasprintf("%s%s", strchr(o->keyrings[i], '/') ? "" : "./", o->keyrings[i]));
	}
	for (size_t i = 0; !o->keyrings && i < ARRAY_SIZE(trusted); i++) {
		_cleanup_(strings_done) struct strings found = { 0 };
		int r = fs_glob(trusted[i], &found, err);

		for (size_t j = 0; r == 0 && j < found.n; j++) {
			strings_add(argv, xstrdup("--keyring"));
			strings_add(argv, xstrdup(found.items[j]));
		}
		if (r < 0)
			return r;
	}
	return 0;
}

/* Runs gpgv on files of the private directory. `output` NULL: `signature` is detached, and `text` what it is about. */
static int run_gpgv(struct vouching *v, const char *signature, const char *text, const char *output, struct error *err)
{
	_cleanup_(strings_done) struct strings argv = { 0 };
	_cleanup_(freep) char *home = xasprintf("GNUPGHOME=%s", v->work);
	const char *env[] = { "LC_ALL=C", home, NULL };
	struct command c = { .env = env, .log = -1, .line = take_status, .ctx = v };
	int r;

	strings_add(&argv, xstrdup("gpgv"));
	strings_add(&argv, xstrdup("--quiet"));
	strings_add(&argv, xstrdup("--status-fd=1"));
	r = add_keyrings(&argv, v->options, err);
	if (r < 0)
		return r;
	if (output) {
		strings_add(&argv, xstrdup("--output"));
		strings_add(&argv, xstrdup(output));
	}
	strings_add(&argv, xstrdup(signature));
	if (text)
		strings_add(&argv, xstrdup(text));
	c.argv = (const char *const *)argv.items;
	r = command_run(&c, err);
	if (r == -ENOENT) {
		error_clear(err);
		return error_set(err, ENOENT, "%s: gpgv, which checks signatures, is not installed", v->dir);
	}
	return r;
}

/* What gpgv has said, in one sentence. */
static int judged(const struct vouching *v, const char *name, int ran, struct error *err)
{
	if (ran == 0 && v->signer && !v->bad)
		return 0;
	if (ran == -ENOENT || ran == -EINTR || ran == -EINVAL)
		return ran;
	error_clear(err);
	if (v->unknown)
		return error_set(err, ENOKEY, "%s/%s: signed by a key that none of the keyrings has: name one (--keyring)", v->dir,
				 name);
	return error_set(err, EKEYREJECTED, "%s/%s: its signature is not right: it was changed, or cut, or the key has expired",
			 v->dir, name);
}

/* A copy in the private directory: nobody changes it between the check and the reading. NULL: there is no such file. */
static int copy_in(const struct vouching *v, const char *name, char **ret, struct error *err)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", v->dir, name), *text = NULL;
	size_t n;
	int r;

	*ret = NULL;
	r = fs_read_if_there(path, PKG_RELEASE_MAX, &text, &n, err);
	if (r < 0 || !text)
		return r;
	*ret = xasprintf("%s/%s", v->work, name);
	return fs_write(*ret, text, n, err);
}

static int take_text(const char *path, struct vouching *v, struct index_vouched *ret, struct error *err)
{
	int r = fs_read(path, PKG_RELEASE_MAX, &ret->text, &ret->size, err);

	if (r == 0 && memchr(ret->text, '\0', ret->size))
		r = error_set(err, EBADMSG, "%s: holds NUL bytes", v->dir);
	if (r == 0)
		ret->signer = TAKE_PTR(v->signer);
	return r;
}

static int vouch_inlined(struct vouching *v, const char *copy, const char *name, struct index_vouched *ret, struct error *err)
{
	_cleanup_(freep) char *signed_text = xasprintf("%s/signed-text", v->work);
	int r = judged(v, name, run_gpgv(v, copy, NULL, signed_text, err), err);

	return r < 0 ? r : take_text(signed_text, v, ret, err);
}

static int vouch_detached(struct vouching *v, const char *plain, const char *detached, struct index_vouched *ret,
			  struct error *err)
{
	_cleanup_(freep) char *text = NULL, *signature = NULL;
	int r = copy_in(v, plain, &text, err);

	if (r == 0 && !text)
		r = error_set(err, ENOENT, "%s: has no %s", v->dir, plain);
	if (r == 0)
		r = copy_in(v, detached, &signature, err);
	if (r == 0 && !signature && !v->options->allow_unsigned)
		r = error_set(err, ENOKEY, "%s/%s: nobody signed it; to take it all the same: --allow-unsigned", v->dir, plain);
	if (r == 0 && signature)
		r = judged(v, detached, run_gpgv(v, signature, text, NULL, err), err);
	return r < 0 ? r : take_text(text, v, ret, err);
}

int index_vouch(const char *dir, const char *inlined, const char *plain, const char *detached,
		const struct index_options *o, struct index_vouched *ret, struct error *err)
{
	_cleanup_(vouching_done) struct vouching v = { .dir = dir, .options = o };
	_cleanup_(freep) char *copy = NULL;
	struct index_vouched found = { 0 };
	int r;

	r = scratch_make("index", &v.work, err);
	if (r == 0 && inlined)
		r = copy_in(&v, inlined, &copy, err);
	if (r == 0)
		r = copy ? vouch_inlined(&v, copy, inlined, &found, err) : vouch_detached(&v, plain, detached, &found, err);
	if (r == 0)
		*ret = found;
	else
		index_vouched_done(&found);
	return r;
}
