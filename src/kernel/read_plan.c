/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/read.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

/* Bounds on what is taken into memory whole. A module is bounded by what it may unpack to. */
#define LIST_MAX_BYTES (16u << 20)
#define MODULE_FILE_MAX_BYTES (64u << 20)
/* Of all the modules of one kernel together. What the knowledge asks of Debian's unpacks to some 10 MiB. */
#define MODULES_MAX_BYTES ((size_t)128 << 20)

/* An image that does not say what it is in so many bytes is read no further for that alone. */
#define HEADER_MAX_BYTES (1u << 20)

/* What is read of one package. */
struct job {
	struct package *package;
	struct member_read *reads;
	size_t n;
	int result;
	struct error error;
};

/* Feeds an image until it has said what it is. */
struct header_sink {
	struct image *image;
	bool named; /* some path tells the release */
	size_t seen;
};

static void find_member(const struct kernel *k, size_t slot, struct location *ret)
{
	for (size_t i = 0; i < k->n_parts; i++) {
		const struct kernel_files *f = &k->parts[i].files;
		const ssize_t members[] = { f->image, f->config, f->builtin, f->builtin_modinfo };

		if (members[slot] < 0)
			continue;
		*ret = (struct location){ &k->parts[i], (size_t)members[slot] };
		return;
	}
}

static void find_members(struct reading *r)
{
	find_member(r->kernel, 0, &r->image_at);
	find_member(r->kernel, 1, &r->config_at);
	find_member(r->kernel, 2, &r->builtin_at);
	find_member(r->kernel, 3, &r->builtin_modinfo_at);
}

static bool driver_has_file(const struct reading *r, const char *name)
{
	ssize_t d = driver_index(r->wants, name);

	return d >= 0 && r->files[d].part;
}

static bool of_driver(const struct want *w)
{
	return w->of && want_reads_driver(w->kind);
}

/* A driver without a file may be built in; whether it is, the config will only tell when both are read. */
static bool want_needs_image(const struct reading *r, const struct want *w)
{
	if (of_driver(w))
		return want_reads_image(w->kind) && !driver_has_file(r, w->of);
	if (w->depth > r->depth)
		return false;
	return want_reads_image(w->kind) || !r->config_at.part;
}

static bool needs_image(const struct reading *r)
{
	if (r->depth == DEPTH_VERIFY)
		return true;
	for (size_t i = 0; r->depth >= DEPTH_NORMAL && i < r->wants->count; i++)
		if (want_needs_image(r, &r->wants->wants[i]))
			return true;
	return false;
}

static bool needs_builtin_modinfo(const struct reading *r)
{
	for (size_t i = 0; r->depth >= DEPTH_DEEP && i < r->wants->count; i++) {
		const struct want *w = &r->wants->wants[i];

		if (of_driver(w) && !want_reads_image(w->kind) && !driver_has_file(r, w->of))
			return true;
	}
	return false;
}

/* The config says what is built in, but for drivers of which the knowledge names no symbol. */
static bool needs_builtin(const struct reading *r)
{
	for (size_t i = 0; i < r->wants->n_drivers; i++) {
		const struct driver *d = &r->wants->drivers[i];

		if (!r->files[i].part && (!r->config_at.part || !d->configs || !d->configs[0]))
			return true;
	}
	return false;
}

static void job_add(struct job *jobs, const struct kernel *k, const struct location *at,
		    struct member_sink sink)
{
	struct job *j = &jobs[at->part - k->parts];

	ARRAY_GROW(j->reads, j->n);
	j->reads[j->n++] = (struct member_read){ .member = at->member, .sink = sink };
	j->package = at->part->origin->package;
}

static void plan_bytes(struct reading *r, struct job *jobs, const struct location *at,
		       struct member_bytes *bytes)
{
	bytes->limit = LIST_MAX_BYTES;
	job_add(jobs, r->kernel, at, member_bytes_sink(bytes));
}

static int header_take(void *ctx, const uint8_t *bytes, size_t n, struct error *err)
{
	struct header_sink *h = ctx;
	int r = image_feed(h->image, bytes, n, err);

	h->seen += n;
	if (r != 0)
		return r;
	return ((h->named || image_release(h->image)) && image_arch(h->image)) || h->seen >= HEADER_MAX_BYTES;
}

/* The file was over before it said all that. */
static int header_end(void *ctx, struct error *err)
{
	struct header_sink *h = ctx;

	return image_end(h->image, err);
}

/*
 * What a verdict of record rests on must be a kernel image, even where only the config is asked: else any file in its
 * place would do. And an image whose path does not name the release must say it.
 */
static bool needs_header(const struct reading *r)
{
	return r->depth >= DEPTH_DEEP || !r->kernel->release;
}

static void plan_image(struct reading *r, struct job *jobs, struct header_sink *header)
{
	bool whole = needs_image(r);

	r->image_state = r->image_at.part ? IMAGE_SKIPPED : IMAGE_MISSING;
	if (!r->image_at.part || (!whole && !needs_header(r)))
		return;
	r->image = image_new(r->depth == DEPTH_VERIFY ? IMAGE_WHOLE : IMAGE_TO_NOTES);
	*header = (struct header_sink){ .image = r->image, .named = r->kernel->release };
	if (whole) {
		r->image_state = IMAGE_READ;
		job_add(jobs, r->kernel, &r->image_at,
			(struct member_sink){ image_feed, image_end, r->image });
	} else {
		r->image_state = IMAGE_HEADER;
		job_add(jobs, r->kernel, &r->image_at, (struct member_sink){ header_take, header_end, header });
	}
}

/* The module is taken apart on the thread that brought its bytes. */
static int module_end(void *ctx, struct error *err)
{
	struct module_load *l = ctx;
	size_t held = atomic_load(l->held);
	size_t left = held < MODULES_MAX_BYTES ? MODULES_MAX_BYTES - held : 0;
	int r = module_open(l->bytes.data, l->bytes.size, left, &l->module, err);

	if (r == 0)
		atomic_fetch_add(l->held, module_size(l->module));
	free(l->bytes.data);
	l->bytes.data = NULL;
	return r;
}

/* A list that gives a module no bytes gives no module: opening it says so. */
static bool listed_empty(const struct driver_file *f)
{
	const struct member *members;

	package_members(f->part->origin->package, &members);
	return members[f->module->member].size == 0;
}

/*
 * What is in it is wanted. Of a driver that only has to be there, the list of files tells, but for the deepest
 * reading, which opens it too: to decode all of them would double the time that a verdict takes.
 */
static bool driver_is_read(const struct reading *r, size_t driver)
{
	const char *name = r->wants->drivers[driver].name;
	bool there = r->depth == DEPTH_VERIFY ||
		     (r->depth == DEPTH_DEEP && listed_empty(&r->files[driver]));

	for (size_t i = 0; i < r->wants->count; i++) {
		const struct want *w = &r->wants->wants[i];

		if (of_driver(w) && w->depth <= r->depth && streq(w->of, name))
			return true;
		if (there && w->kind == WANT_DRIVER && streq(w->name, name))
			return true;
	}
	return false;
}

/* The load of a driver's file, which a driver under another name may have begun. */
static size_t load_for(struct reading *r, struct job *jobs, const size_t *owner, size_t driver)
{
	const struct driver_file *f = &r->files[driver];
	struct module_load *l;
	struct member_sink sink;

	for (size_t i = 0; i < r->n_loads; i++) {
		const struct driver_file *other = &r->files[owner[i]];

		if (other->part == f->part && other->module->member == f->module->member)
			return i;
	}
	l = &r->loads[r->n_loads];
	l->bytes.limit = MODULE_FILE_MAX_BYTES;
	l->held = &r->modules_held;
	sink = member_bytes_sink(&l->bytes);
	job_add(jobs, r->kernel, &(struct location){ f->part, f->module->member },
		(struct member_sink){ sink.take, module_end, l });
	return r->n_loads++;
}

/* `load_of[i]` is set to 1 + the load of driver i, 0 for none. */
static void plan_modules(struct reading *r, struct job *jobs, size_t *load_of)
{
	_cleanup_(freep) size_t *owner = xcalloc(r->wants->n_drivers, sizeof(*owner));

	for (size_t i = 0; i < r->wants->n_drivers; i++) {
		size_t before = r->n_loads, at;

		if (!r->files[i].part || !r->files[i].part->required || !driver_is_read(r, i))
			continue;
		at = load_for(r, jobs, owner, i);
		if (at == before)
			owner[at] = i;
		load_of[i] = at + 1;
	}
}

/* Threads that take one job after the other. */
struct crew {
	struct job *jobs;
	size_t n;
	atomic_size_t next;
};

static void *crew_work(void *ctx)
{
	struct crew *c = ctx;
	size_t i;

	while ((i = atomic_fetch_add(&c->next, 1)) < c->n) {
		struct job *j = &c->jobs[i];

		if (j->n > 0)
			j->result = package_read(j->package, j->reads, j->n, &j->error);
	}
	return NULL;
}

/* Side by side, so that one large package does not wait for another. */
static void run_jobs(struct job *jobs, size_t n, unsigned threads)
{
	struct crew crew = { .jobs = jobs, .n = n };
	pthread_t helpers[3];
	size_t busy = 0, started = 0, most = threads ? threads : ARRAY_SIZE(helpers) + 1;

	for (size_t i = 0; i < n; i++)
		busy += jobs[i].n > 0;
	while (started < ARRAY_SIZE(helpers) && started + 1 < busy && started + 1 < most) {
		if (pthread_create(&helpers[started], NULL, crew_work, &crew) != 0)
			break;
		started++;
	}
	crew_work(&crew);
	while (started-- > 0)
		pthread_join(helpers[started], NULL);
}

/* The image of the running kernel is often readable for root only; the rest can be told all the same. */
static bool is_forgiven(struct reading *r, const struct job *j, const struct member_read *read)
{
	if (!r->kernel->running || !r->image_at.part || read->member != r->image_at.member ||
	    j->package != r->image_at.part->origin->package ||
	    (read->result != -EACCES && read->result != -EPERM))
		return false;
	r->image_state = IMAGE_DENIED;
	return true;
}

static int check_job(struct reading *r, const struct job *j, struct error *err)
{
	const struct member *members;
	bool forgiven = false;

	if (j->n == 0 || j->result == 0)
		return 0;
	package_members(j->package, &members);
	for (size_t i = 0; i < j->n; i++) {
		const struct member_read *read = &j->reads[i];

		if (read->result == 0)
			continue;
		if (is_forgiven(r, j, read)) {
			forgiven = true;
			continue;
		}
		/* package_read() has put the names before the first failure's sentence only. */
		if (!forgiven && j->error.code != 0)
			break;
		error_set(err, read->result, "%s", read->error.text);
		error_prefix(err, "%s: %s", package_info(j->package)->path, members[read->member].path);
		return read->result;
	}
	if (forgiven)
		return 0;
	*err = j->error;
	return j->result;
}

static int parse_config(struct reading *r, struct member_bytes *bytes, struct error *err)
{
	const struct member *members;
	struct error damage = { 0 };
	char *text;
	size_t size;
	int q;

	if (r->config_at.part) {
		package_members(r->config_at.part->origin->package, &members);
		q = config_parse(bytes->data, bytes->size, &r->config, err);
		if (q < 0)
			error_prefix(err, "%s: %s", part_info(r->config_at.part)->path,
				     members[r->config_at.member].path);
		return q;
	}
	if (r->image_state != IMAGE_READ)
		return 0;
	q = image_ikconfig(r->image, &text, &size, &damage);
	if (q == -ENODATA)
		return 0;
	if (q < 0)
		return error_set(err, q, "%s: the config in the image: %s", part_info(r->image_at.part)->path,
				 damage.text);
	q = config_parse(text, size, &r->config, err);
	free(text);
	if (q < 0)
		error_prefix(err, "%s: the config in the image", part_info(r->image_at.part)->path);
	r->config_at = r->image_at;
	r->config_kind = "IKCONFIG ";
	return q;
}

static int finish_jobs(struct reading *r, struct job *jobs, size_t n, struct error *err)
{
	struct error local = { 0 };

	for (size_t i = 0; i < n; i++) {
		int q = check_job(r, &jobs[i], &local);

		if (q < 0)
			return error_set(err, q, "%s", local.text);
	}
	return 0;
}

int reading_fetch(struct reading *r, struct error *err)
{
	size_t n = r->kernel->n_parts;
	_cleanup_(freep) struct job *jobs = xcalloc(n, sizeof(*jobs));
	_cleanup_(freep) size_t *load_of = xcalloc(r->wants->n_drivers, sizeof(*load_of));
	struct member_bytes config = { 0 };
	struct header_sink header = { 0 };
	int q;

	find_members(r);
	if (r->config_at.part)
		plan_bytes(r, jobs, &r->config_at, &config);
	if (r->builtin_at.part && needs_builtin(r))
		plan_bytes(r, jobs, &r->builtin_at, &r->builtin);
	if (r->builtin_modinfo_at.part && needs_builtin_modinfo(r))
		plan_bytes(r, jobs, &r->builtin_modinfo_at, &r->builtin_modinfo);
	plan_image(r, jobs, &header);
	plan_modules(r, jobs, load_of);
	run_jobs(jobs, n, r->kernel->options.threads);
	for (size_t i = 0; i < r->wants->n_drivers; i++)
		r->modules[i] = load_of[i] ? r->loads[load_of[i] - 1].module : NULL;
	q = finish_jobs(r, jobs, n, err);
	if (q == 0)
		q = parse_config(r, &config, err);
	for (size_t i = 0; i < n; i++)
		free(jobs[i].reads);
	free(config.data);
	return q;
}
