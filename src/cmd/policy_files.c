/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/policy_files.h"

#include <dirent.h>
#include <errno.h>

#include "base/fs.h"

void file_list_done(struct file_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->files[i]);
	free(list->files);
	*list = (struct file_list){ 0 };
}

static void add(struct file_list *list, char *file)
{
	ARRAY_GROW(list->files, list->n);
	list->files[list->n++] = file;
}

static int by_base(const void *a, const void *b)
{
	return strcmp(path_base(*(char *const *)a), path_base(*(char *const *)b));
}

/*
 * Adds the .yaml files of a directory, which need not exist. One of a name that is there already replaces it.
 */
static int add_dir(struct file_list *list, struct file_list *hidden, const char *dir, struct error *err)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	int r = 0;

	if (!d)
		return errno == ENOENT || errno == ENOTDIR ? 0 : error_set(err, errno, "%s: %m", dir);
	while ((entry = fs_next(d, dir, &r, err))) {
		size_t i = 0;

		if (entry->d_name[0] == '.' || !endswith(entry->d_name, ".yaml") || entry->d_type == DT_DIR)
			continue;
		while (i < list->n && !streq(path_base(list->files[i]), entry->d_name))
			i++;
		if (i == list->n) {
			add(list, xasprintf("%s/%s", dir, entry->d_name));
			continue;
		}
		add(hidden, list->files[i]);
		list->files[i] = xasprintf("%s/%s", dir, entry->d_name);
	}
	closedir(d);
	return r;
}

static void sort(struct file_list *list)
{
	if (list->n > 0)
		qsort(list->files, list->n, sizeof(list->files[0]), by_base);
}

int policy_names(char *const *dirs, struct file_list *ret, struct error *err)
{
	_cleanup_(file_list_done) struct file_list files = { 0 }, hidden = { 0 };

	for (size_t i = 0; dirs[i]; i++) {
		int r = add_dir(&files, &hidden, dirs[i], err);

		if (r < 0)
			return r;
	}
	sort(&files);
	for (size_t i = 0; i < files.n; i++) {
		const char *base = path_base(files.files[i]);
		_cleanup_(freep) char *real = realpath(files.files[i], NULL);

		if (!real || !streq(real, "/dev/null"))
			add(ret, xstrndup(base, strlen(base) - strlen(".yaml")));
	}
	return 0;
}

static void find_main(char *const *dirs, const char *kind, const char *name, struct file_list *ret,
		      struct file_list *hidden)
{
	for (size_t i = 0; dirs[i]; i++) {
		_cleanup_(freep) char *file = xasprintf("%s/%s%s.yaml", dirs[i], kind, name);

		if (!fs_exists(file))
			continue;
		if (ret->n > 0)
			add(hidden, ret->files[--ret->n]);
		add(ret, TAKE_PTR(file));
	}
}

int files_of(char *const *dirs, const char *name, struct file_list *ret, struct file_list *hidden,
	     struct error *err)
{
	static const char *const kinds[] = { "", "interfaces/", "hypervisors/", "userspace/" };
	_cleanup_(file_list_done) struct file_list parts = { 0 };
	size_t kind = 0;

	if (strchr(name, '/'))
		return error_set(err, EINVAL, "%s: give a name, without a directory and .yaml", name);
	while (kind < ARRAY_SIZE(kinds) && ret->n == 0)
		find_main(dirs, kinds[kind++], name, ret, hidden);
	if (ret->n == 0)
		return error_set(err, ENOENT,
				 "%s: there is no policy, interface, hypervisor or userspace of that name",
				 name);
	for (size_t i = 0; dirs[i]; i++) {
		_cleanup_(freep) char *dir = xasprintf("%s/%s%s.yaml.d", dirs[i], kinds[kind - 1], name);
		int r = add_dir(&parts, hidden, dir, err);

		if (r < 0)
			return r;
	}
	sort(&parts);
	for (size_t i = 0; i < parts.n; i++)
		add(ret, TAKE_PTR(parts.files[i]));
	parts.n = 0;
	return 0;
}
