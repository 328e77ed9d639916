/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Readings that are begun before they are taken: each must come out as its own, whatever else is asked meanwhile. */
#include "test_kernel_tree.h"

#include <errno.h>
#include <signal.h>

#define R9 "6.1.0-9-test"
#define R10 "6.1.0-10-test"

static const struct want image_want = { .kind = WANT_PAYLOAD, .name = (char *)"none" };
static const struct want_list wants = { .wants = (struct want *)&image_want, .count = 1 };

static int setup(void **state)
{
	test_dir_make(state);
	make_parts();
	make_tree("t9", R9);
	make_tree("t10", R10);
	make_deb("nine", "t9", "");
	make_deb("ten", "t10", "");
	sh("mkdir both; cp nine.deb ten.deb both");
	return 0;
}

static void open_boxed(const char *arg, struct kernel_list *list, size_t count)
{
	static const struct kernel_options options = { .boxed = true };
	struct error err = { 0 };

	if (kernel_open(arg, &options, list, &err) < 0)
		fail_msg("%s: %s", arg, err.text);
	assert_int_equal(list->count, count);
}

static void ahead(struct kernel *k)
{
	kernel_read_ahead(k, &wants, DEPTH_DEEP);
}

static void reads_as(struct kernel *k, const char *release)
{
	struct facts *f = NULL;
	struct error err = { 0 };

	if (kernel_read(k, &wants, DEPTH_DEEP, &f, &err) < 0)
		fail_msg("%s: %s", release, err.text);
	assert_string_equal(f->release, release);
	assert_int_equal(f->count, 1);
	assert_int_equal(f->facts[0].state, FACT_PRESENT);
	assert_int_equal(kernel_digest(k, f, &err), 0);
	assert_int_equal(strlen(f->inputs[0].sha256), 64);
	facts_free(f);
}

static void test_two_boxes(void **state)
{
	struct kernel_list nine = { 0 }, ten = { 0 };

	(void)state;
	open_boxed(in_dir("nine.deb"), &nine, 1);
	open_boxed(in_dir("ten.deb"), &ten, 1);
	ahead(nine.kernels[0]);
	ahead(ten.kernels[0]);
	ahead(ten.kernels[0]);
	reads_as(nine.kernels[0], R9);
	reads_as(ten.kernels[0], R10);
	/* Not begun, and begun again. */
	reads_as(ten.kernels[0], R10);
	ahead(nine.kernels[0]);
	reads_as(nine.kernels[0], R9);
	kernel_list_done(&nine);
	/* Begun and never taken. */
	ahead(ten.kernels[0]);
	kernel_list_done(&ten);
}

/* Kernels of a folder share a box, which does one thing after the other. */
static void test_one_box(void **state)
{
	struct kernel_list both = { 0 };

	(void)state;
	open_boxed(in_dir("both"), &both, 2);
	ahead(both.kernels[0]);
	ahead(both.kernels[1]);
	reads_as(both.kernels[0], R9);
	reads_as(both.kernels[1], R10);
	ahead(both.kernels[0]);
	reads_as(both.kernels[1], R10);
	/* What was begun for the first was passed over for the second. */
	ahead(both.kernels[1]);
	reads_as(both.kernels[0], R9);
	reads_as(both.kernels[1], R10);
	kernel_list_done(&both);
}

/* A reader that dies over what it was asked ahead is an error of the reading, at once. */
static void test_dead(void **state)
{
	struct kernel_list nine = { 0 };
	struct facts *f = NULL;
	struct error err = { 0 };
	char children[64];
	int pid = 0;
	FILE *file;

	(void)state;
	open_boxed(in_dir("nine.deb"), &nine, 1);
	snprintf(children, sizeof(children), "/proc/self/task/%d/children", (int)getpid());
	file = fopen(children, "re");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%d", &pid), 1);
	fclose(file);
	kill(pid, SIGKILL);
	ahead(nine.kernels[0]);
	assert_int_equal(kernel_read(nine.kernels[0], &wants, DEPTH_DEEP, &f, &err), -ECHILD);
	assert_null(f);
	assert_non_null(strstr(err.text, "cannot be judged"));
	assert_int_equal(kernel_read(nine.kernels[0], &wants, DEPTH_DEEP, &f, &err), -ECHILD);
	kernel_list_done(&nine);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_boxes),
		cmocka_unit_test(test_one_box),
		cmocka_unit_test(test_dead),
	};

	return cmocka_run_group_tests(tests, setup, test_dir_remove);
}
