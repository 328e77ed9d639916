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
