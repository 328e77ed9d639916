#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# query --provides, the generator of rpmbuild and the add-on of debhelper that stand on it, and whether a package that
# lost its Provides is told from one that has them. The kernel is an invented one.
. "$(dirname "$0")/tap.sh"
make_knowledge
sed -i 's/{config: FORT_OLD}/{config: FORT_OLD, versions: ["0.13", "1.1"]}/' "$dir/data/interfaces/fort-old.yaml"
sed -i 's/^kind: paravirtual/kind: emulated/' "$dir/data/interfaces/fort-new.yaml"
release=6.1.0-fort
make_kernel config "$release" FORT_OLD FORT_NEW OLD_ABI
make_image image "$release"
kernel=$dir/config-6.1.0
cp "$dir/config" "$kernel"

# --- what is printed

run query --provides rpm "$kernel"
is "for rpm: exit status" "$status" 0
is "for rpm" "$(tr '\n' ';' <"$out")" "hypervisor(fort-old) = 0.13;hypervisor(fort-old) = 1.1;userspace(old-abi);"
run query --provides deb "$kernel"
is "for deb" "$(tr '\n' ';' <"$out")" "hypervisor-fort-old (= 0.13);hypervisor-fort-old (= 1.1);userspace-old-abi;"
make_kernel config-nothing 6.1.0 FORT_NEW
run query --provides rpm "$dir/config-nothing"
is "nothing to promise is undecided" "$status $(cat "$out")" "3 "
has "and said" "$err" "nothing can be promised"
run query --provides rpm "$kernel" "$dir/config-nothing"
is "two kernels are too many" "$status" 64
run query --provides rpm "$dir/absent"
is "a kernel that is not there" "$status $(cat "$out")" "2 "
for more in "--on fort" --facts --quick "--format json"; do
	# shellcheck disable=SC2086 # words are meant
	run query --provides rpm $more "$kernel"
	is "not with $more" "$status" 64
done
run query --provides xpm "$kernel"
is "no third format" "$status" 64

# --- a build root, as the generator sees it

root=$dir/BUILDROOT
modules=$root/lib/modules/$release
mkdir -p "$modules" "$root/boot"
cp "$dir/image" "$modules/vmlinuz"
cp "$dir/config" "$modules/config"
export HVCOMPAT
generate() { # PATH...
	printf '%s\n' "$@" | sh "$top/pkg/hooks/rpmbuild/hvcompat-rpmprov" >"$out" 2>"$err"
	status=$?
}
lines="hypervisor(fort-old) = 0.13;hypervisor(fort-old) = 1.1;userspace(old-abi);"
generate "$modules/vmlinuz"
is "image and config in the directory of modules" "$status $(tr '\n' ';' <"$out")" "0 $lines"
cp "$dir/image" "$root/boot/vmlinuz-$release"
generate "$root/boot/vmlinuz-$release"
is "the same image in boot" "$status $(tr '\n' ';' <"$out")" "0 $lines"
rm "$modules/vmlinuz"
generate "$root/boot/vmlinuz-$release"
is "in boot only" "$status $(tr '\n' ';' <"$out")" "0 $lines"
mv "$modules/config" "$root/boot/config-$release"
generate "$root/boot/vmlinuz-$release"
is "its config, too" "$status $(tr '\n' ';' <"$out")" "0 $lines"
rm -r "$modules"
generate "$root/boot/vmlinuz-$release"
is "without modules" "$status $(tr '\n' ';' <"$out")" "0 $lines"
ln -s "vmlinuz-$release" "$root/boot/vmlinuz-link"
: >"$root/boot/vmlinuz-empty"
generate "$root/boot/vmlinuz-link" "$root/boot/vmlinuz-empty"
is "links and ghosts are passed over" "$status $(cat "$out")" "0 "
echo garbage >"$root/boot/vmlinuz-bad"
generate "$root/boot/vmlinuz-bad"
has "garbage is told to rpm as what fails the build" "$out" "^#"
HVCOMPAT=/nonexistent generate "$root/boot/vmlinuz-$release"
has "so is a hvcompat that is not there" "$out" "^#"
generate /usr/bin/env
has "and a path that no kernel has" "$out" "^#"

# --- rpmbuild with the file attribute

mkdir -p "$dir/rpm" "$dir/attrs"
cp "$top/pkg/hooks/rpmbuild/hvcompat.attr" "$dir/attrs/"
cat >"$dir/toy.spec" <<-EOF
	Name: kernel-core
	Version: 6.1.0
	Release: 1
	Summary: Toy
	License: GPL-2.0-or-later
	AutoReq: no
	%global debug_package %{nil}
	%global __os_install_post %{nil}
	%description
	Toy.
	%package -n nothing
	Summary: Toy
	%description -n nothing
	Toy.
	%install
	mkdir -p %{buildroot}/lib/modules/$release %{buildroot}/etc
	cp $dir/image %{buildroot}/lib/modules/$release/vmlinuz
	cp $dir/config %{buildroot}/lib/modules/$release/config
	touch %{buildroot}/etc/toy
	%files
	/lib/modules/$release
	%files -n nothing
	/etc/toy
EOF
make_rpm() { # OUT GENERATOR
	mkdir -p "$dir/$1"
	HOME=$dir rpmbuild -bb --quiet --load "$dir/attrs/hvcompat.attr" --define "_fileattrsdir $dir/attrs" \
		--define "__hvcompat_provides $2" --define "_topdir $dir/rpm" --define "_rpmdir $dir/$1" \
		--define "_rpmfilename %%{NAME}.rpm" "$dir/toy.spec" >"$out" 2>"$err" </dev/null
	status=$?
}
ours() { rpm -qp --provides "$1" 2>/dev/null | grep -E '^(hypervisor|userspace)' | tr '\n' ';'; }
make_rpm good "$top/pkg/hooks/rpmbuild/hvcompat-rpmprov"
is "the package is built" "$status" 0
is "and provides, though its spec does not say so" "$(ours "$dir/good/kernel-core.rpm")" "$lines"
is "one without a kernel does not" "$(ours "$dir/good/nothing.rpm")" ""
HVCOMPAT=false make_rpm failing "$top/pkg/hooks/rpmbuild/hvcompat-rpmprov"
ok "a generator that fails stops the build" [ "$status" -ne 0 ]
has "saying so" "$err" "hvcompat-could-not-read-the-kernel"
ok "and there is no package" [ ! -e "$dir/failing/kernel-core.rpm" ]
# Where rpm writes to it before it sees that there is none, the broken pipe (141) ends the build, which is as good.
for _ in $(seq 20); do
	make_rpm missing /nonexistent
	[ "$status" -eq 141 ] || break
done
is "rpm takes a missing generator for one with nothing to say" "$status$(ours "$dir/missing/kernel-core.rpm")" 0

# --- the check of a package that is made

run query --provides check -v "$dir/good/kernel-core.rpm"
is "good: exit status" "$status $(cat "$out")" "0 kernel-core: carries all 3"
run query --provides check "$dir/good/kernel-core.rpm"
is "good, and nothing to say" "$status $(cat "$out")" "0 "
run query --provides check "$dir/missing/kernel-core.rpm"
is "without: exit status" "$status" 1
has "without: which" "$out" '^kernel-core: hypervisor\(fort-old\) = 1.1 is missing$'
run query --provides check "$kernel"
is "a kernel that comes in no package" "$status" 2

make_deb() { # NAME PROVIDES
	local at=$dir/deb-$1
	mkdir -p "$at/DEBIAN" "$at/boot"
	cp "$dir/image" "$at/boot/vmlinuz-$release"
	cp "$dir/config" "$at/boot/config-$release"
	printf 'Package: %s\nVersion: 1\nArchitecture: amd64\nMaintainer: A <a@invalid>\nProvides: %s\nDescription: Toy\n' \
		"$1" "$2" >"$at/DEBIAN/control"
	(cd "$at" && find boot -type f -exec md5sum {} +) >"$at/DEBIAN/md5sums"
	dpkg-deb --root-owner-group -Znone -b "$at" "$dir/$1.deb" >/dev/null 2>&1
}
make_deb good "virtual, hypervisor-fort-old (= 0.13),hypervisor-fort-old(= 1.1) , userspace-old-abi"
run query --provides check -v "$dir/good.deb"
is "a .deb, however its field is spaced" "$status $(cat "$out")" "0 good: carries all 3"
make_deb other "hypervisor-fort-old (= 1.0), hypervisor-fort-old (= 0.13), userspace-old-abi"
run query --provides check "$dir/other.deb"
is "another version: exit status" "$status" 1
has "another version: missing" "$out" 'hypervisor-fort-old \(= 1.1\) is missing'
has "another version: false" "$out" 'hypervisor-fort-old \(= 1.0\) is carried, and its kernel does not keep that'
make_deb bare "hypervisor-fort-old, hypervisor-fort-old (= 0.13), hypervisor-fort-old (= 1.1), userspace-old-abi"
run query --provides check "$dir/bare.deb"
is "one without a version would be any" "$status" 1
make_deb guess "hypervisor-fort-old (= 0.13), hypervisor-fort-old (= 1.1), userspace-old-abi, hypervisor-fort-image"
run query --provides check "$dir/guess.deb"
is "what cannot be told is undecided" "$status" 3
make_deb strange "hypervisor-fort-old (= 0.13), hypervisor-fort-old (= 1.1), userspace-old-abi, hypervisor-invented"
run query --provides check "$dir/strange.deb"
is "so is what nobody knows" "$status" 3
run query --provides check "$dir/good.deb" "$dir/other.deb"
is "the worst of several counts" "$status" 1
done_testing
