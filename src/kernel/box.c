/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The side that asks. Nothing that comes from the reader is believed before it is checked. */
#include "kernel/box.h"

#include <errno.h>

#include "kernel/kernel_set.h"
#include "kernel/wire_facts.h"

/* A kernel takes a second or two; its reader has no longer than this for one answer. */
#define ANSWER_SECONDS 600

int box_begin(const char *arg, bool running, const struct kernel_options *options, struct worker **ret,
	      struct error *err)
{
	struct box_task what = { .arg = arg, .running = running, .options = options };
	struct worker_task task = { .what = arg, .done = "read it", .seconds = ANSWER_SECONDS, .serve = box_serve, .ctx = &what };
	int r = worker_start(&task, ret, err);

	if (r == 0 && options->started)
		options->started(options->ctx);
	return r;
}

/* The names of what was opened. */
static int take_kernels(struct worker *b, struct wire *w, const struct kernel_options *options, struct kernel_list *list,
			struct error *err)
{
	size_t n = 0;

	wire_count(w, &n, 16);
	for (size_t i = 0; i < n; i++) {
		struct kernel *k = xcalloc(1, sizeof(*k));

		k->box = worker_ref(b);
		k->id = i;
		k->options = *options;
		wire_text(w, &k->release);
		wire_text(w, &k->label);
		ARRAY_GROW(list->kernels, list->count);
		list->kernels[list->count++] = k;
		if (!k->label)
			w->bad = true;
	}
	return w->bad || w->left ? worker_nonsense(b, err) : 0;
}

int box_end(struct worker *b, const struct kernel_options *options, struct kernel_list *list, struct error *err)
{
	struct kernel_list found = { 0 };
	struct wire w;
	_cleanup_(freep) uint8_t *bytes = worker_answer(b, &w, err);
	int r = bytes ? take_kernels(b, &w, options, &found, err) : err->code;

	for (size_t i = 0; r == 0 && i < found.count; i++) {
		ARRAY_GROW(list->kernels, list->count);
		list->kernels[list->count++] = found.kernels[i];
	}
	if (r == 0)
		found.count = 0;
	kernel_list_done(&found);
	worker_unref(b);
	return r;
}

int box_open(const char *arg, bool running, const struct kernel_options *options, struct kernel_list *list,
	     struct error *err)
{
	struct worker *b = NULL;
	int r = box_begin(arg, running, options, &b, err);

	return r < 0 ? r : box_end(b, options, list, err);
}

static void request_begin(struct wire *w, struct buf *into, enum box_request what, size_t id)
{
	uint64_t head[] = { what, id };

	*w = (struct wire){ .out = into };
	wire_number(w, &head[0]);
	wire_number(w, &head[1]);
}

/* What was asked ahead, and is not wanted any more, is passed over. */
static int ask(struct worker *b, const struct buf *request, struct error *err)
{
	struct wire w;

	while (worker_awaited(b))
		free(worker_answer(b, &w, NULL));
	return worker_ask(b, request, err);
}

static int ask_read(struct worker *b, size_t id, const struct want_list *wants, enum depth depth, struct error *err)
{
	_cleanup_(buf_done) struct buf request = { 0 };
	unsigned how = depth;
	struct wire w;

	request_begin(&w, &request, BOX_READ, id);
	wire_enum(&w, &how, DEPTH_VERIFY);
	wire_wants(&w, (struct want_list *)wants); /* a wire that writes leaves it as it is */
	return ask(b, &request, err);
}

uint64_t box_read_ahead(struct worker *b, size_t id, const struct want_list *wants, enum depth depth)
{
	/* A failure is for box_read() to meet again, and tell. */
	if (!worker_awaited(b) && ask_read(b, id, wants, depth, NULL) == 0)
		return worker_awaited(b);
	return 0;
}

/* What a reader may not say: more, or deeper, than was asked. */
static bool facts_fit(const struct facts *f, const struct want_list *wants, enum depth depth)
{
	return f->count == wants->count && f->depth == depth;
}

int box_read(struct worker *b, size_t id, uint64_t ahead, const struct want_list *wants, enum depth depth,
	     struct facts **ret, struct error *err)
{
	_cleanup_(facts_freep) struct facts *f = NULL;
	_cleanup_(freep) uint8_t *bytes = NULL;
	struct wire w;
	int r = ahead && worker_awaited(b) == ahead ? 0 : ask_read(b, id, wants, depth, err);

	if (r < 0)
		return r;
	bytes = worker_answer(b, &w, err);
	if (!bytes)
		return err->code;
	f = xcalloc(1, sizeof(*f));
	wire_facts(&w, f);
	if (w.bad || w.left || !facts_fit(f, wants, depth))
		return worker_nonsense(b, err);
	*ret = TAKE_PTR(f);
	return 0;
}

static bool is_digest(const char *s)
{
	return s[0] == '\0' || (strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64);
}

static bool take_digests(struct facts *facts, const struct input *inputs, size_t n)
{
	if (n != facts->n_inputs)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!streq(inputs[i].path, facts->inputs[i].path) || !is_digest(inputs[i].sha256))
			return false;
		memcpy(facts->inputs[i].sha256, inputs[i].sha256, sizeof(inputs[i].sha256));
	}
	return true;
}

int box_digest(struct worker *b, size_t id, struct facts *facts, struct error *err)
{
	_cleanup_(facts_freep) struct facts *said = xcalloc(1, sizeof(*said));
	_cleanup_(buf_done) struct buf request = { 0 };
	_cleanup_(freep) uint8_t *bytes = NULL;
	struct wire w;
	int r;

	request_begin(&w, &request, BOX_DIGEST, id);
	wire_inputs(&w, &facts->inputs, &facts->n_inputs);
	r = ask(b, &request, err);
	if (r < 0)
		return r;
	bytes = worker_answer(b, &w, err);
	if (!bytes)
		return err->code;
	wire_inputs(&w, &said->inputs, &said->n_inputs);
	return w.bad || w.left || !take_digests(facts, said->inputs, said->n_inputs) ? worker_nonsense(b, err) : 0;
}

int box_boot_files(struct worker *b, size_t id, const struct strings *drivers, bool bare, struct boot_files **ret,
		   struct error *err)
{
	_cleanup_(boot_files_freep) struct boot_files *f = NULL;
	_cleanup_(buf_done) struct buf request = { 0 };
	_cleanup_(freep) uint8_t *bytes = NULL;
	size_t n = drivers->n;
	struct wire w;
	int r;

	request_begin(&w, &request, BOX_BOOT_FILES, id);
	wire_bool(&w, &bare);
	wire_count(&w, &n, 8);
	for (size_t i = 0; i < n; i++)
		wire_text(&w, &drivers->items[i]);
	r = ask(b, &request, err);
	if (r < 0)
		return r;
	bytes = worker_answer_within(b, BOOT_FILES_MAX, &w, err);
	if (!bytes)
		return err->code;
	f = xcalloc(1, sizeof(*f));
	wire_boot_files(&w, f);
	if (w.bad || w.left || f->bare != bare)
		return worker_nonsense(b, err);
	*ret = TAKE_PTR(f);
	return 0;
}
