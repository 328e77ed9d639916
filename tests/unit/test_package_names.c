/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <errno.h>

#include <cmocka.h>

#include "base/util.h"
#include "base/fs.h"
#include "build/package_parts.h"

/* What a release is called in each world, and what templates become. */

static struct package_job job_of(const char *release, const char *karch)
{
	return (struct package_job){ .release = release, .karch = karch, .revision = "2", .maintainer = "A <a@b.c>" };
}

static void test_names(void **state)
{
	static const struct {
		const char *release, *kernel, *version, *name, *evr, *rpm_release;
	} rows[] = {
		{ "6.1.192", "6.1.192", "6.1.192", "6.1.192", "6.1.192", "2" },
		{ "6.1.192-hvcompat", "6.1.192", "6.1.192", "6.1.192-hvcompat", "6.1.192-hvcompat", "2.hvcompat" },
		{ "6.1.0-50-amd64", "6.1.0", "6.1.0", "6.1.0-50-amd64", "6.1.0-50_amd64", "2.50.amd64" },
		{ "6.2.0-rc3", "6.2.0-rc3", "6.2.0~rc3", "6.2.0-rc3", "6.2.0-rc3", "2" },
		{ "6.2.0-rc3-Old_Guests+", "6.2.0-rc3", "6.2.0~rc3", "6.2.0-rc3-old-guests+", "6.2.0-rc3_Old_Guests+",
		  "2.Old_Guests+" },
		{ "6.1.5-rcx", "6.1.5", "6.1.5", "6.1.5-rcx", "6.1.5-rcx", "2.rcx" },
		{ "6.12.117+deb13-amd64", "6.12.117", "6.12.117", "6.12.117+deb13-amd64", "6.12.117+deb13-amd64",
		  "2.deb13.amd64" },
	};
	struct package_names n;
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct package_job job = job_of(rows[i].release, "i386");

		assert_int_equal(package_names_of(&job, &n, &err), 0);
		assert_string_equal(n.kernel, rows[i].kernel);
		assert_string_equal(n.version, rows[i].version);
		assert_string_equal(n.name, rows[i].name);
		assert_string_equal(n.evr, rows[i].evr);
		assert_string_equal(n.rpm_release, rows[i].rpm_release);
		assert_string_equal(n.deb_arch, "i386");
		assert_string_equal(n.rpm_arch, "i686");
		package_names_done(&n);
	}
}

static void assert_refused(const struct package_job *job, const char *part)
{
	struct package_names n;
	struct error err = { 0 };

	assert_int_equal(package_names_of(job, &n, &err), -EINVAL);
	if (!strstr(err.text, part))
		fail_msg("\"%s\" does not say \"%s\"", err.text, part);
}

static void test_names_refused(void **state)
{
	static const char *const releases[] = { "", "v6.1", "6.1 evil", "6.1/../x", "6.1$(touch x)", "6.1\n" };
	struct package_job job;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(releases); i++) {
		job = job_of(releases[i], "x86_64");
		assert_refused(&job, "kernel release");
	}
	job = job_of("6.1.192", "vax");
	assert_refused(&job, "ARCH=vax");
	job = job_of("6.1.192", "arm64");
	job.revision = "1-2";
	assert_refused(&job, "revision");
	job = job_of("6.1.192", "arm64");
	job.maintainer = "A\nEssential: yes";
	assert_refused(&job, "maintainer");
}

static char dir[] = "/tmp/hvcompat-template-XXXXXX";

static void assert_template(const char *text, bool percent, const char *expected)
{
	static const struct template_value values[] = { { "ONE", "1" }, { "MAIL", "a@b.c @ONE@ 5%" } };
	_cleanup_(freep) char *from = xasprintf("%s/from", dir), *to = xasprintf("%s/to", dir);
	_cleanup_(freep) char *found = NULL;
	struct error err = { 0 };
	int r;

	assert_int_equal(fs_write(from, text, strlen(text), &err), 0);
	unlink(to);
	r = template_fill(from, to, values, ARRAY_SIZE(values), percent, &err);
	if (!expected) {
		assert_int_equal(r, -EINVAL);
		assert_non_null(strstr(err.text, "from:2: @TWO@"));
		assert_false(fs_exists(to));
		return;
	}
	assert_int_equal(r, 0);
	assert_int_equal(fs_read(to, 1000, &found, NULL, &err), 0);
	assert_string_equal(found, expected);
}

static void test_template(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_template("a @ONE@@ONE@ b\n", false, "a 11 b\n");
	assert_template("x@y.z @one@ @ @@ONE@ @ONE", false, "x@y.z @one@ @ @1 @ONE");
	assert_template("<@MAIL@>", false, "<a@b.c @ONE@ 5%>");
	assert_template("%{x} <@MAIL@>", true, "%{x} <a@b.c @ONE@ 5%%>");
	assert_template("", false, "");
	assert_template("one\n@TWO@\n", false, NULL);
	assert_int_equal(fs_remove(dir, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_names_refused),
		cmocka_unit_test(test_template),
	};

	return cmocka_run_group_tests_name("package names", tests, NULL, NULL);
}
