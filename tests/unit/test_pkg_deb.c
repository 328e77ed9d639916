/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Debian packages, built by dpkg-deb, tar, xz and ar at test time. */
#include "unit/test_pkg.h"

#define CONTROL                                                                                              \
	"Package: toy-kernel\nVersion: 1:2.3-4\nArchitecture: amd64\nMaintainer: T <t@example.org>\n"        \
	"Pre-Depends: pre (>= 1)\nDepends: kmod, base (>= 4.3~) | other:any,\n last\n"                       \
	"Provides: virtual (= 3), more,\n tight(=1:2~3 )\nDescription: toy\n Depends: not-this\n"

/* One name in component order differs from strcmp: m/dvb-usb/ comes before m/dvb-usb-v2/, "/" after "-". */
static void make_root(void)
{
	char name[128];

	sh("mkdir -p root/boot root/m/dvb-usb root/m/dvb-usb-v2 root/m/net root/DEBIAN");
	make_file("root/boot/config", 5000, 1);
	make_file("root/boot/vmlinuz", 200000, 2);
	for (unsigned i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "root/m/%s/mod%02u.ko",
			 i % 3 == 0   ? "dvb-usb"
			 : i % 3 == 1 ? "dvb-usb-v2"
				      : "net",
			 i);
		make_file(name, 700 + 1500 * i, 10 + i);
	}
	sh("touch root/m/empty; cd root && find boot m -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum "
	   ">DEBIAN/md5sums");
	spill(in_dir("root/DEBIAN/control"), CONTROL, strlen(CONTROL));
}

/* Like dpkg-deb -b, with a data.tar that `command` writes to its standard output. */
static void make_blocks(const char *deb, const char *command)
{
	sh("rm -rf parts; mkdir parts; echo 2.0 >parts/debian-binary; tar -C root/DEBIAN -cJf "
	   "parts/control.tar.xz .;"
	   "(%s) | xz -0 -T1 --block-size=32768 >parts/data.tar.xz;"
	   "rm -f %s; cd parts; ar qc ../%s debian-binary control.tar.xz data.tar.xz",
	   command, deb, deb);
}

#define TAR "tar -C root --owner=0 --group=0 --format=gnu --sort=name --exclude=./DEBIAN -cf - ."

static int setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(test_dir));
	make_root();
	make_blocks("blocks.deb", TAR);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	test_dir_remove();
	return 0;
}

static void check_info(const struct package *p)
{
	static const char *const requires[] = { "kmod", "base", "other", "last", "pre", NULL };
	static const char *const provides[][2] = { { "virtual", "3" }, { "more", "" }, { "tight", "1:2~3" } };
	const struct package_info *info = package_info(p);

	assert_int_equal(info->format, PACKAGE_DEB);
	assert_string_equal(info->name, "toy-kernel");
	assert_string_equal(info->version, "1:2.3-4");
	assert_string_equal(info->arch, "amd64");
	for (size_t i = 0; requires[i] || info->requires[i]; i++)
		assert_string_equal(info->requires[i], requires[i]);
	for (size_t i = 0; i < ARRAY_SIZE(provides); i++) {
		assert_string_equal(info->provides[i], provides[i][0]);
		assert_string_equal(info->provides_versions[i], provides[i][1]);
	}
	assert_null(info->provides[ARRAY_SIZE(provides)]);
	assert_null(info->provides_versions[ARRAY_SIZE(provides)]);
}

/* Only "=" is a version that it is provided in, and only in full; dpkg-deb would not pack the others. */
static void test_odd_provides(void **state)
{
	_cleanup_(package_freep) struct package *p = NULL;
	const struct package_info *info;
	struct error err = { 0 };

	(void)state;
	sh("cp root/DEBIAN/control kept; sed -i 's/more,/later (>= 2), odd (= ), open (= 1, more,/' root/DEBIAN/control");
	make_blocks("odd.deb", TAR);
	sh("mv kept root/DEBIAN/control");
	assert_int_equal(package_open(in_dir("odd.deb"), NULL, &p, &err), 0);
	info = package_info(p);
	for (size_t i = 0; info->provides[i]; i++)
		assert_string_equal(info->provides_versions[i], streq(info->provides[i], "virtual") ? "3" :
								streq(info->provides[i], "tight")   ? "1:2~3" : "");
	assert_string_equal(info->provides[3], "open");
	assert_string_equal(info->provides[4], "more");
}

static void check_list(const struct package *p)
{
	const struct member *m;
	size_t n = package_members(p, &m);

	assert_int_equal(n, 33);
	for (size_t i = 1; i < n; i++)
		assert_true(strcmp(m[i - 1].path, m[i].path) < 0);
	must_be_member(p, "boot/config");
	must_be_member(p, "m/dvb-usb-v2/mod01.ko");
	assert_int_equal(package_find(p, "boot"), -1);
	assert_int_equal(package_find(p, "./boot/config"), -1);
}

static void test_compressions(void **state)
{
	static const char *const how[] = { "xz", "zstd", "gzip", "none" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(how); i++) {
		struct package_options verify = { .verify = true };
		struct package *p;

		sh("dpkg-deb --root-owner-group --uniform-compression -Z%s -b root %s.deb", how[i], how[i]);
		p = must_open(in_dir(i == 0   ? "xz.deb"
				     : i == 1 ? "zstd.deb"
				     : i == 2 ? "gzip.deb"
					      : "none.deb"),
			      NULL);
		check_info(p);
		check_list(p);
		compare_all(package_info(p)->path, NULL, "root");
		compare_all(package_info(p)->path, &verify, "root");
		package_free(p);
	}
}

static void test_blocks(void **state)
{
	(void)state;
	/* 0.8 MB in blocks of 32 KiB: most of the later members cross into the next. */
	sh("test $(xz --robot -l parts/data.tar.xz | awk '/^file/{print $3}') -gt 20");
	for (unsigned threads = 1; threads <= 4; threads += 3)
		for (int verify = 0; verify < 2; verify++) {
			struct package_options o = { .threads = threads, .verify = verify };

			compare_all(in_dir("blocks.deb"), &o, "root");
		}
}

/* A block size that is no multiple of tar's, and tar's other format with its extended headers. */
static void test_odd_blocks(void **state)
{
	(void)state;
	make_blocks("pax.deb", "tar -C root --format=pax --sort=name --exclude=./DEBIAN -cf - .");
	compare_all(in_dir("pax.deb"), NULL, "root");
	sh("cd parts; xz -dc data.tar.xz | xz -0 --block-size=25001 >x; mv x data.tar.xz;"
	   "ar qc ../odd.deb debian-binary control.tar.xz data.tar.xz");
	compare_all(in_dir("odd.deb"), NULL, "root");
	/* Two .xz streams one after the other, with padding between, are one file. */
	sh("cd parts; xz -dc data.tar.xz >t; head -c 300001 t | xz >x; printf '\\0\\0\\0\\0' >>x;"
	   "tail -c +300002 t | xz --block-size=32768 >>x; mv x data.tar.xz;"
	   "ar qc ../streams.deb debian-binary control.tar.xz data.tar.xz");
	compare_all(in_dir("streams.deb"), NULL, "root");
}

/* Members in an order that no search expects are found all the same. */
static void test_order(void **state)
{
	struct package_options one = { .threads = 1 };

	(void)state;
	make_blocks("reverse.deb",
		    "cd root; find boot m -type f | LC_ALL=C sort -r | tar --no-recursion -cf - -T -");
	compare_all(in_dir("reverse.deb"), NULL, "root");
	compare_all(in_dir("reverse.deb"), &one, "root");
	make_blocks("shuffled.deb", "cd root; find boot m -type f | sort --random-source=boot/vmlinuz -R | "
				    "tar --no-recursion -cf - -T -");
	compare_all(in_dir("shuffled.deb"), NULL, "root");
}

/* What is wrong with a payload is said in the same words whether it was decoded ahead or not. */
static void test_damaged_ahead(void **state)
{
	char *said[2];

	(void)state;
	sh("rm -rf parts; mkdir parts; echo 2.0 >parts/debian-binary; tar -C root/DEBIAN -cJf parts/control.tar.xz .;"
	   "tar -C root --sort=name --exclude=./DEBIAN -cf - . | xz -0 -T1 >parts/data.tar.xz;"
	   "printf 'no such block' | dd of=parts/data.tar.xz bs=1 seek=9000 conv=notrunc status=none;"
	   "cd parts; ar qc ../ahead.deb debian-binary control.tar.xz data.tar.xz");
	for (unsigned threads = 1; threads <= 2; threads++) {
		struct package_options o = { .threads = threads };
		struct member_bytes bytes;
		struct error err = { 0 };
		struct package *p = must_open(in_dir("ahead.deb"), &o);

		assert_true(read_path(p, "boot/vmlinuz", &bytes, &err) < 0);
		said[threads - 1] = xstrdup(err.text);
		package_free(p);
	}
	assert_string_equal(said[0], said[1]);
	assert_non_null(strstr(said[0], "corrupt"));
	free(said[0]);
	free(said[1]);
}

/* A member that is itself a tar with a file of a listed name: that must never pass for the file. */
static void test_decoy(void **state)
{
	struct member_bytes bytes;
	struct error err = { 0 };
	struct package *p;

	(void)state;
	sh("rm -rf decoy; mkdir -p decoy/m/net; head -c 70000 /dev/zero >decoy/m/net/mod29.ko;"
	   "cp -a root real; tar -C decoy -cf real/m/net/mod10.ko m/net/mod29.ko m/net/mod29.ko;"
	   "rm -rf parts; mkdir parts; echo 2.0 >parts/debian-binary; cd real;"
	   "find boot m -type f | LC_ALL=C sort | xargs md5sum >DEBIAN/md5sums; tar -C DEBIAN -cJf "
	   "../parts/control.tar.xz .;"
	   "tar --sort=name --exclude=./DEBIAN -cf - . | xz -0 --block-size=32768 >../parts/data.tar.xz;"
	   "cd ../parts; ar qc ../decoy.deb debian-binary control.tar.xz data.tar.xz");
	p = must_open(in_dir("decoy.deb"), NULL);
	if (read_path(p, "m/net/mod29.ko", &bytes, &err) == 0) {
		size_t n;
		uint8_t *want = slurp(in_dir("real/m/net/mod29.ko"), &n);

		assert_int_equal(bytes.size, n);
		assert_memory_equal(bytes.data, want, n);
		free(want);
	} else {
		assert_int_equal(err.code, -EBADMSG);
	}
	free(bytes.data);
	package_free(p);
}

static void test_links(void **state)
{
	struct member_bytes bytes;
	struct error err = { 0 };
	struct package *p;
	const struct member *m;
	ssize_t i;

	(void)state;
	sh("rm -rf linked; cp -a root linked; cd linked; mkdir usr; ln -s /usr/m2 d; mkdir usr/m2; cp "
	   "boot/config usr/m2/c;"
	   "ln boot/config m/zz-hard; ln -s ../d/c m/via-dir; ln -s nowhere m/dangling; ln -s loop m/loop;"
	   "ln -s ../../../boot/vmlinuz m/up; find boot m usr -type f | sort | xargs md5sum >DEBIAN/md5sums;"
	   "cd ..; dpkg-deb -b linked linked.deb");
	p = must_open(in_dir("linked.deb"), NULL);
	assert_int_equal(package_find(p, "m/up"), -1);
	assert_int_equal(read_path(p, "m/zz-hard", &bytes, &err), 0);
	assert_int_equal(bytes.size, 5000);
	free(bytes.data);

	assert_int_equal(package_list_all(p, &err), 0);
	package_members(p, &m);
	i = package_find(p, "m/up");
	assert_true(i >= 0);
	assert_string_equal(m[i].target, "../../../boot/vmlinuz");
	assert_int_equal(read_path(p, "m/up", &bytes, &err), 0);
	assert_int_equal(bytes.size, 200000);
	free(bytes.data);
	assert_int_equal(read_path(p, "m/via-dir", &bytes, &err), 0);
	assert_int_equal(bytes.size, 5000);
	free(bytes.data);
	assert_int_equal(read_path(p, "m/dangling", &bytes, &err), -ENOENT);
	assert_non_null(strstr(err.text, "m/nowhere"));
	error_clear(&err);
	assert_int_equal(read_path(p, "m/loop", &bytes, &err), -ELOOP);
	error_clear(&err);
	assert_int_equal(read_path(p, "m/zz-hard", &bytes, &err), 0);
	assert_int_equal(bytes.size, 5000);
	free(bytes.data);
	package_free(p);
}

/* Each hard link that leads on costs another pass through the payload: chains that nobody writes are cut. */
static void test_hard_link_chains(void **state)
{
	struct member_bytes bytes;
	struct error err = { 0 };
	struct package *p;

	(void)state;
	sh("rm -rf chain; mkdir chain; cd chain; echo 2.0 >debian-binary; python3 - <<'EOF'\n"
	   "import io, tarfile\n"
	   "with tarfile.open('data.tar', 'w') as t:\n"
	   "    f = tarfile.TarInfo('./f0'); f.size = 5; t.addfile(f, io.BytesIO(b'hello'))\n"
	   "    names = [('./f%%d' %% i, './f%%d' %% (i - 1)) for i in range(1, 7)] + [('./a', './b'), ('./b', './a')]\n"
	   "    for name, target in names:\n"
	   "        l = tarfile.TarInfo(name); l.type = tarfile.LNKTYPE; l.linkname = target; t.addfile(l)\n"
	   "EOF\n"
	   "printf 'Package: chain\nVersion: 1\nArchitecture: all\n' >control; tar -cf control.tar ./control\n"
	   "ar qc ../chain.deb debian-binary control.tar data.tar");
	p = must_open(in_dir("chain.deb"), NULL);
	assert_int_equal(read_path(p, "f1", &bytes, &err), 0);
	assert_int_equal(bytes.size, 5);
	free(bytes.data);
	assert_int_equal(read_path(p, "f3", &bytes, &err), 0);
	free(bytes.data);
	for (const char *const *path = (const char *const[]){ "f6", "a", NULL }; *path; path++) {
		assert_int_equal(read_path(p, *path, &bytes, &err), -ELOOP);
		assert_non_null(strstr(err.text, "in a circle, or over more than 3 others"));
		error_clear(&err);
	}
	package_free(p);
}

static void test_no_md5sums(void **state)
{
	struct package *p;
	const struct member *m;

	(void)state;
	sh("rm -rf bare; cp -a root bare; rm bare/DEBIAN/md5sums");
	sh("mv root kept; mv bare root");
	make_blocks("bare.deb", TAR);
	sh("mv root bare; mv kept root");
	p = must_open(in_dir("bare.deb"), NULL);
	check_list(p);
	package_members(p, &m);
	assert_int_equal(m[package_find(p, "boot/vmlinuz")].size, 200000);
	package_free(p);
	compare_all(in_dir("bare.deb"), NULL, "root");
}

/* A list that names what the payload does not hold, or a payload with other contents than the list says. */
static void test_lies(void **state)
{
	struct package_options verify = { .verify = true };
	struct member_bytes bytes;
	struct error err = { 0 };
	struct package *p;

	(void)state;
	make_blocks("lies.deb", "tar -C root --sort=name --exclude=./DEBIAN --exclude=mod11.ko -cf - .");
	p = must_open(in_dir("lies.deb"), NULL);
	assert_int_equal(read_path(p, "m/net/mod11.ko", &bytes, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "m/net/mod11.ko"));
	error_clear(&err);
	assert_int_equal(read_path(p, "m/net/mod14.ko", &bytes, &err), 0);
	free(bytes.data);
	assert_int_equal(package_list_all(p, &err), -EBADMSG);
	check_list(p);
	package_free(p);

	error_clear(&err);
	make_blocks("other.deb",
		    "cp -a root changed; echo x >>changed/boot/config; tar -C changed --sort=name "
		    "--exclude=./DEBIAN -cf - .");
	p = must_open(in_dir("other.deb"), &verify);
	assert_int_equal(read_path(p, "boot/config", &bytes, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "MD5"));
	free(bytes.data);
	package_free(p);
}

static void test_md5sums_hostile(void **state)
{
	static const char *const lines[] = {
		"d41d8cd98f00b204e9800998ecf8427e  ../../etc/passwd\n",
		"d41d8cd98f00b204e9800998ecf8427e  a\nd41d8cd98f00b204e9800998ecf8427e  ./a\n",
		"d41d8cd98f00b204e9800998ecf8427e  a",
		"d41d8cd98f00b204e9800998ecf8427e  /\n",
		"d41d8cd98f00b204  a\n",
		"\n",
	};

	(void)state;
	sh("rm -rf evil; mkdir -p evil/DEBIAN; cp root/DEBIAN/control evil/DEBIAN");
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		spill(in_dir("evil/DEBIAN/md5sums"), lines[i], strlen(lines[i]));
		sh("dpkg-deb -b evil evil.deb");
		must_fail(in_dir("evil.deb"), -EBADMSG, "evil.deb: ");
	}
}

static void test_not_a_deb(void **state)
{
	(void)state;
	sh("echo x >x; rm -f lib.a; ar qc lib.a x");
	must_fail(in_dir("lib.a"), -EBADMSG, "debian-binary");
	sh("echo 2.0 >debian-binary; tar -cf control.tar x; tar -cf data.tar.br x; rm -f f.deb; ar qc f.deb "
	   "debian-binary "
	   "control.tar data.tar.br");
	must_fail(in_dir("f.deb"), -EOPNOTSUPP, "data.tar.br");
	sh("mv data.tar.br data.tar; rm -f f.deb; ar qc f.deb debian-binary control.tar data.tar");
	must_fail(in_dir("f.deb"), -EBADMSG, "no file control");
	sh("echo 3.0 >debian-binary; rm -f f.deb; ar qc f.deb debian-binary control.tar data.tar");
	must_fail(in_dir("f.deb"), -EOPNOTSUPP, "2.x");
	must_fail(in_dir("not-there.deb"), -ENOENT, "not-there.deb: ");
}

/* 80 MiB of nothing in a control archive of a few KB. */
static void test_control_bomb(void **state)
{
	(void)state;
	sh("rm -rf bomb; mkdir bomb; cp root/DEBIAN/control bomb; truncate -s 80M bomb/md5sums; echo 2.0 "
	   ">debian-binary;"
	   "tar -C bomb -c . | zstd -19 >control.tar.zst; tar -cf data.tar x; rm -f bomb.deb;"
	   "ar qc bomb.deb debian-binary control.tar.zst data.tar");
	must_fail(in_dir("bomb.deb"), -E2BIG, "md5sums");
}

/* A member whose size reaches beyond the archive. */
static void test_tar_size(void **state)
{
	struct member_bytes bytes;
	struct error err = { 0 };
	struct package *p;
	uint8_t *deb, *h = NULL;
	unsigned sum = 0;
	size_t n;

	(void)state;
	sh("dpkg-deb --root-owner-group --uniform-compression -Znone -b root size.deb");
	deb = slurp(in_dir("size.deb"), &n);
	for (size_t i = 0; i + 512 <= n && !h; i++)
		if (memcmp(deb + i, "./boot/vmlinuz", 15) == 0 && memcmp(deb + i + 257, "ustar", 5) == 0)
			h = deb + i;
	assert_non_null(h);
	memcpy(h + 124, "00077777777", 11);
	memset(h + 148, ' ', 8);
	for (size_t i = 0; i < 512; i++)
		sum += h[i];
	snprintf((char *)h + 148, 8, "%06o", sum);
	spill(in_dir("size.deb"), deb, n);
	free(deb);
	p = must_open(in_dir("size.deb"), NULL);
	assert_int_equal(read_path(p, "boot/vmlinuz", &bytes, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "16777215"));
	free(bytes.data);
	package_free(p);
}

static void test_long_names(void **state)
{
	struct package *p;

	(void)state;
	sh("rm -rf long; mkdir -p long/DEBIAN; cp root/DEBIAN/control long/DEBIAN; d=long/$(printf "
	   "'dir%%.0s' $(seq 60))/"
	   "$(printf 'sub%%.0s' $(seq 60)); mkdir -p $d; cp root/boot/config $d/file; cd long;"
	   "find . -path ./DEBIAN -prune -o -type f -print | xargs md5sum >DEBIAN/md5sums; cd ..; dpkg-deb "
	   "-b long long.deb");
	compare_all(in_dir("long.deb"), NULL, "long");
	p = must_open(in_dir("long.deb"), NULL);
	package_free(p);
}

static void test_truncated(void **state)
{
	(void)state;
	truncate_everywhere(in_dir("blocks.deb"));
	truncate_everywhere(in_dir("zstd.deb"));
}

static void test_flips(void **state)
{
	(void)state;
	/* Only what lies between members, or in fields nobody reads, may go unnoticed. */
	assert_in_range(flip_bits(in_dir("blocks.deb"), "root", 150, 11), 130, 150);
	assert_in_range(flip_bits(in_dir("zstd.deb"), "root", 60, 12), 50, 60);
	flip_bits(in_dir("none.deb"), "root", 60, 13);
	flip_bits(in_dir("gzip.deb"), "root", 60, 14);
}

struct stopper {
	size_t seen, enough;
	int result;
	bool ended;
};

static int stopper_take(void *ctx, const uint8_t *bytes, size_t n, struct error *err)
{
	struct stopper *s = ctx;

	(void)bytes;
	assert_true(n > 0);
	assert_true(s->seen < s->enough);
	s->seen += n;
	if (s->seen < s->enough)
		return 0;
	return s->result < 0 ? error_set(err, s->result, "no good") : 1;
}

static int stopper_end(void *ctx, struct error *err)
{
	(void)err;
	((struct stopper *)ctx)->ended = true;
	return 0;
}

/* One sink has enough, one fails, one reads to the end, one is too small, one number is none. */
static void test_sinks(void **state)
{
	struct stopper s[3] = { { .enough = 10 },
				{ .enough = 10, .result = -EPROTO },
				{ .enough = SIZE_MAX } };
	struct member_bytes small = { .limit = 4999 };
	struct member_read reads[5] = { 0 };
	struct error err = { 0 };
	struct package *p = must_open(in_dir("blocks.deb"), NULL);

	(void)state;
	for (size_t i = 0; i < 3; i++)
		reads[i].sink = (struct member_sink){ stopper_take, stopper_end, &s[i] };
	reads[0].member = (size_t)package_find(p, "boot/vmlinuz");
	reads[1].member = (size_t)package_find(p, "m/net/mod29.ko");
	reads[2].member = (size_t)package_find(p, "m/net/mod29.ko");
	reads[3].member = (size_t)package_find(p, "boot/config");
	reads[3].sink = member_bytes_sink(&small);
	reads[4].member = 33;
	reads[4].sink = reads[0].sink;
	assert_int_equal(package_read(p, reads, 5, &err), -EPROTO);
	assert_int_equal(reads[0].result, 0);
	assert_false(s[0].ended);
	assert_int_equal(reads[1].result, -EPROTO);
	assert_non_null(strstr(reads[1].error.text, "m/net/mod29.ko: no good"));
	assert_false(s[1].ended);
	assert_int_equal(reads[2].result, 0);
	assert_true(s[2].ended);
	assert_int_equal(s[2].seen, 44200);
	assert_int_equal(reads[3].result, -E2BIG);
	assert_int_equal(reads[4].result, -EINVAL);
	free(small.data);
	package_free(p);
}

static void test_sha256(void **state)
{
	struct package *p = must_open(in_dir("blocks.deb"), NULL);
	struct error err = { 0 };
	char sum[65];
	uint8_t *want;
	size_t n;

	(void)state;
	sh("sha256sum blocks.deb >sum");
	want = slurp(in_dir("sum"), &n);
	assert_int_equal(package_sha256(p, sum, &err), 0);
	assert_int_equal(strlen(sum), 64);
	assert_memory_equal(sum, want, 64);
	free(want);
	package_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_odd_provides),
		cmocka_unit_test(test_compressions),	cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_odd_blocks),	cmocka_unit_test(test_order),
		cmocka_unit_test(test_damaged_ahead), cmocka_unit_test(test_decoy),		cmocka_unit_test(test_links),
		cmocka_unit_test(test_hard_link_chains),
		cmocka_unit_test(test_no_md5sums),	cmocka_unit_test(test_lies),
		cmocka_unit_test(test_md5sums_hostile), cmocka_unit_test(test_not_a_deb),
		cmocka_unit_test(test_control_bomb),	cmocka_unit_test(test_tar_size),
		cmocka_unit_test(test_long_names),	cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_flips),		cmocka_unit_test(test_sinks),
		cmocka_unit_test(test_sha256),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
