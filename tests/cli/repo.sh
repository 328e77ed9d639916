# SPDX-License-Identifier: GPL-2.0-or-later
# What tests of repositories begin with: knowledge, a key, and packages of toy kernels.
. "$(dirname "$0")/tap.sh"
make_knowledge
export HVCOMPAT_DATADIR=$dir/data XDG_CACHE_HOME=$dir/cache
mkdir "$dir/data/packaging"
cp "$top"/policies/packaging/*.yaml "$dir/data/packaging/"
repo=$top/tests/lib/repo
"$repo" key "$dir/key" >/dev/null 2>&1
ring=$dir/key/keyring.gpg

make_deb() { # RELEASE VERSION DEPENDS SYMBOL...: linux-image-RELEASE; prints its path
	local tree=$dir/tree release=$1 version=$2 depends=$3 name=linux-image-$1
	shift 3
	rm -rf "$tree"
	mkdir -p "$tree/DEBIAN" "$tree/boot"
	make_kernel config "${release%%-*}" "$@"
	mv "$dir/config" "$tree/boot/config-$release"
	make_image image "$release"
	mv "$dir/image" "$tree/boot/vmlinuz-$release"
	printf 'Package: %s\nVersion: %s\nArchitecture: amd64\nMaintainer: nobody <n@localhost>\n%sDescription: toy\n' "$name" \
		"$version" "${depends:+Depends: $depends
}" >"$tree/DEBIAN/control"
	(cd "$tree" && find boot -type f -exec md5sum {} + >DEBIAN/md5sums)
	dpkg-deb --root-owner-group -Zgzip -b "$tree" "$dir/${name}_${version}_amd64.deb" >/dev/null
	echo "$dir/${name}_${version}_amd64.deb"
}

# Every format of one run of a function: its exit status, and that it is valid and means the same.
formats_are() { # STATUS WHAT FUNCTION
	local want=$1 what=$2 format
	for format in junit sarif html; do
		"$3" --format $format
		is "$what, $format: exit status" "$status" "$want"
		ok "$what, $format: valid" /usr/bin/python3 "$top/tests/lib/report_check.py" $format "$want" "$out"
		cp "$out" "$dir/report.$format"
	done
	"$3" --format json
	is "$what, json: exit status" "$status" "$want"
	ok "$what, json: valid" /usr/bin/python3 "$top/tests/lib/json_valid.py" "$top/docs/repository.schema.json" "$out"
	is "$what, json: says what it exits with" "$(jq .exit "$out")" "$want"
}
