# SPDX-License-Identifier: GPL-2.0-or-later
# For the tests of faults: packages of toy kernels, and
#   faults WHAT [OPTION...] -- ARG...   ok when no fault of any kind spoils what hvcompat does with ARGs (see inject);
#                                       $world is what is put back after each run
# FAULTS=N: N calls of each kind, spread over all; 0: each of them, and of allocations one from each place in the code.
# FAULTS_MEMORY=N: another number of allocations.
. "$(dirname "$0")/../cli/tap.sh"
if nm -D "$HVCOMPAT" | grep -q __asan; then
	echo "1..0 # SKIP a sanitizer has its own memory, which no preload sees"
	exit 0
fi
make_knowledge
build=${BUILD:-$top/build}
work=$dir/work world=$dir/work/world
mkdir -p "$world"
export FAULTS=${FAULTS-4}
export XDG_CACHE_HOME=$world/cache
mkdir "$dir/data/packaging"
cp "$top"/policies/packaging/*.yaml "$dir/data/packaging/"

faults() {
	local what=$1
	shift
	"$top/tests/faults/inject" --work "$work" "$@" >"$dir/faults" 2>&1
	ok "$what" [ "$?" = 0 ]
	sed 's/^/# /' "$dir/faults"
}

# All kinds but those that kill.
plain_kinds() {
	"$top/tests/faults/inject" --list | grep -v '^state' | paste -sd,
}

# An image that has symbols and a config that has options, as a package of Debian or Red Hat has them.
"$build/tools/made-images" "$dir"
make_tree() { # RELEASE SYMBOL...; $dir/tree
	local tree=$dir/tree release=$1
	shift
	rm -rf "$tree"
	mkdir -p "$tree/boot" "$tree/lib/modules/$release"
	make_kernel config "${release%%-*}" "$@"
	mv "$dir/config" "$tree/boot/config-$release"
	make_image image "$release"
	gzip -c "$dir/image" >"$tree/boot/vmlinuz-$release"
	echo "kernel/fs/toy.ko" >"$tree/lib/modules/$release/modules.builtin"
}

make_deb() { # RELEASE VERSION CODEC SYMBOL...: prints its path
	local release=$1 version=$2 codec=$3 tree=$dir/tree
	shift 3
	make_tree "$release" "$@"
	mkdir "$tree/DEBIAN"
	printf 'Package: linux-image-%s\nVersion: %s\nArchitecture: amd64\nMaintainer: nobody <n@localhost>\nDescription: toy\n' \
		"$release" "$version" >"$tree/DEBIAN/control"
	(cd "$tree" && find boot lib -type f -exec md5sum {} + >DEBIAN/md5sums)
	dpkg-deb --root-owner-group "-Z$codec" -b "$tree" "$dir/linux-image-${release}_${version}_amd64.deb" >/dev/null
	echo "$dir/linux-image-${release}_${version}_amd64.deb"
}

make_rpm() { # RELEASE SYMBOL...: prints its path
	local release=$1
	shift
	make_tree "$release" "$@"
	cat >"$dir/toy.spec" <<-EOF2
		Name: kernel-core
		Version: ${release%%-*}
		Release: ${release#*-}
		Summary: toy
		License: none
		%description
		Toy.
		%install
		cp -a $dir/tree/. %{buildroot}/
		%files
		/boot/*
		/lib/modules/*
	EOF2
	rpmbuild -bb --quiet --target x86_64 --define "_topdir $dir/rpm" --define "_rpmdir $dir/rpm/out" "$dir/toy.spec" >&2
	find "$dir/rpm/out" -name "kernel-core-$release*.rpm"
}
