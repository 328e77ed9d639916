#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Solvers that refuse by themselves: real kernels packaged by rpmbuild and debhelper with our hooks, policy packages made
# for them, and what rpm, dnf, zypper and apt do then, each in a root of its own. Needs root and the fetched kernels.
. "$(dirname "$0")/../cli/tap.sh"
unset HVCOMPAT_DATADIR
export HVCOMPAT
kernels=${KERNELS:-${XDG_CACHE_HOME:-$HOME/.cache}/hvcompat/kernels}
repo_tool=$top/tests/lib/repo
old_deb=$(ls "$kernels"/5.10-amd64/linux-image-*.deb 2>/dev/null | head -n 1)
new_deb=$(ls "$kernels"/6.1-amd64/linux-image-*.deb 2>/dev/null | head -n 1)
if [ -z "$old_deb" ] || [ -z "$new_deb" ]; then
	echo "1..0 # SKIP the kernels of Debian 11 and 12 are not in $kernels: run the tests with REAL=1 first"
	exit 0
fi

# What 5.10 can and 6.1 cannot.
cat >"$dir/old-hyperv.yaml" <<-'END'
	policy: old-hyperv
	version: 3
	about: For tests.
	requires:
	  - {hypervisor: hyperv, versions: "2008r2", modes: [gen1]}
END
policy=$dir/old-hyperv.yaml
for label in old new; do
	mkdir "$dir/$label"
	deb=${label}_deb
	dpkg-deb -x "${!deb}" "$dir/$label/tree"
done
old_release=$(ls "$dir/old/tree/lib/modules") new_release=$(ls "$dir/new/tree/lib/modules")

# --- rpmbuild with the file attribute, on kernels whose spec knows nothing of it

mkdir "$dir/attrs"
cp /usr/lib/rpm/fileattrs/*.attr "$top/pkg/hooks/rpmbuild/hvcompat.attr" "$dir/attrs/"
# as Fedora's spec has it: its core package is scanned for what it provides; what else it needs is not the question here
sed -e '/^%package core/,/^%description core/{s/^AutoReqProv: no/AutoReq: no\nProvides: installonlypkg(kernel)/;/^Requires:/d}' \
	-e 's/^Release: .*/Release: %{number}/' "$top/tests/real/kernel.spec" >"$dir/kernel.spec"
build_rpms() { # OUT TREE RELEASE NUMBER [GENERATOR]
	mkdir -p "$dir/$1"
	HOME=$dir rpmbuild -bb --quiet --load "$dir/attrs/hvcompat.attr" --define "_fileattrsdir $dir/attrs" \
		--define "__hvcompat_provides ${5:-$top/pkg/hooks/rpmbuild/hvcompat-rpmprov}" --define "_topdir $dir/rpm" \
		--define "_rpmdir $dir/$1" --define "_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.rpm" \
		--define "kver ${3%%-*}" --define "krelease $3" --define "karch x86_64" --define "number $4" \
		--define "tree $2" --define "payload w.ufdio" "$dir/kernel.spec" >"$out" 2>"$err" </dev/null
	status=$?
}
build_rpms new "$dir/new/tree" "$new_release" 1
is "rpmbuild: exit status" "$status" 0
new_rpm=$dir/new/kernel-core-${new_release%%-*}-1.rpm
set_of() { # DIR VERSION: the KERNEL of a split set
	echo "$dir/$1/kernel-core-$2.rpm,$dir/$1/kernel-modules-core-$2.rpm,$dir/$1/kernel-modules-$2.rpm"
}
run query --provides check -v "$(set_of new "${new_release%%-*}-1")"
is "the package carries what its kernel is" "$status" 0
has "all of it" "$out" "^kernel-core: carries all [0-9]{2}"
is "the modules do not" "$(rpm -qp --provides "$dir"/new/kernel-modules-*.rpm 2>/dev/null | grep -c '^hypervisor')" 0
HVCOMPAT=/nonexistent build_rpms failing "$dir/new/tree" "$new_release" 1
ok "a generator that cannot work stops the build" [ "$status" -ne 0 ]
build_rpms missing "$dir/new/tree" "$new_release" 1 /nonexistent
is "one that is missing does not" "$status" 0
run query --provides check "$(set_of missing "${new_release%%-*}-1")"
is "but the check does" "$status" 1
build_rpms old "$dir/old/tree" "$old_release" 1
build_rpms old "$dir/old/tree" "$old_release" 2
old_rpm=$dir/old/kernel-core-${old_release%%-*}-1.rpm
better_rpm=$dir/old/kernel-core-${old_release%%-*}-2.rpm
ok "the older kernel, twice" [ -e "$old_rpm" -a -e "$better_rpm" ]

# --- rpm, dnf and zypper with the policy package

mkdir "$dir/repo"
cp "$old_rpm" "$better_rpm" "$new_rpm" "$dir/repo/"
toy() { "$repo_tool" toyrpm "$dir/toys" "$@" >/dev/null 2>&1; }
toy other 1-1 noarch
toy other 2-1 noarch
cp "$dir"/toys/other-2*.rpm "$dir/repo/"
"$repo_tool" rpm - "$dir/again" "$dir"/repo/*.rpm >/dev/null 2>&1
run policy package -p "$policy" -f rpm --out "$dir/packages"
by_provides=$(head -n 1 "$out")
run policy package -p "$policy" -f rpm --out "$dir/packages" --name by-name "$(set_of old "${old_release%%-*}-2")" \
	"$(set_of new "${new_release%%-*}-1")"
by_name=$(head -n 1 "$out")
is "by name: the one that is blocked" "$(rpm -qp --conflicts "$by_name" 2>/dev/null)" \
	"kernel-core = ${new_release%%-*}-1"

in_root() { # PROGRAM ARG...: its output in $out
	local program=$1
	shift
	"$program" --root "$dir/root" "$@" >"$out" 2>&1 </dev/null
	status=$?
}
dnf_in_root() {
	dnf -y --installroot="$dir/root" --releasever=1 --setopt=reposdir=/nonexistent --repofrompath="toys,file://$dir/again" \
		--setopt=cachedir="$dir/cache" --nogpgcheck "$@" >"$out" 2>&1 </dev/null
	status=$?
}
zypper_in_root() {
	zypper --root "$dir/root" --non-interactive --no-gpg-checks "$@" >"$out" 2>&1 </dev/null
	status=$?
}
installed() { rpm --root "$dir/root" -qa 2>/dev/null | grep -v ^gpg | sed 's/\.[^.]*$//' | sort | tr '\n' ' '; }
new_root() { # POLICY
	rm -rf "$dir/root" "$dir/cache"
	mkdir -p "$dir/root/etc/zypp"
	rpm --root "$dir/root" --initdb
	in_root rpm -i "$old_rpm" "$dir"/toys/other-1*.rpm ${1:+"$1"}
	zypper_in_root ar -f -G "file://$dir/again" toys
}

newest=${new_release%%-*}-1 better=${old_release%%-*}-2 first=${old_release%%-*}-1
new_root
zypper_in_root update
is "without a policy, zypper takes the newest" "$(installed)" "kernel-core-$newest other-2-1 "
for how in by_provides by_name; do
	package=${!how}
	name=$(rpm -qp --qf '%{name}-%{version}-%{release}' "$package" 2>/dev/null)
	new_root "$package"
	ok "$how: the policy package goes in beside the old kernel" grep -q "$name" <<<"$(installed)"
	in_root rpm -i "$new_rpm"
	ok "$how: rpm -i is refused" [ "$status" -ne 0 ]
	has "$how: for the conflict" "$out" "conflicts with.*$name"
	in_root rpm -U "$new_rpm"
	ok "$how: rpm -U is refused" [ "$status" -ne 0 ]
	zypper_in_root install "kernel-core=$newest"
	is "$how: zypper install of it" "$status" 4
	zypper_in_root update
	is "$how: zypper takes the older that is allowed, and all else" "$(installed)" \
		"$(printf '%s\n' "$name" "kernel-core-$better" other-2-1 | sort | tr '\n' ' ')"
	new_root "$package"
	dnf_in_root install "kernel-core-$newest"
	ok "$how: dnf install of it is refused" [ "$status" -ne 0 ]
	has "$how: because of the policy" "$out" "conflicts with|problem with"
	dnf_in_root update
	is "$how: dnf update: exit status" "$status" 0
	is "$how: dnf takes the older that is allowed, and all else" "$(installed)" \
		"$(printf '%s\n' "$name" "kernel-core-$first" "kernel-core-$better" other-2-1 | sort | tr '\n' ' ')"
	dnf_in_root install "kernel-core-$better"
	is "$how: it stays so" "$(installed | grep -c "$newest")" 0
done

# Packages of `hvcompat build`, where a build was made.
new_root "$by_provides"
for core in "$top"/build*/kernels/amd64/out/kernel-core-*.rpm; do
	[ -e "$core" ] || continue
	"$HVCOMPAT" check -q -p "$policy" "$core,${core/kernel-core/kernel-modules}" || continue
	in_root rpm -i --test "$core"
	hasnt "a kernel of hvcompat build passes: ${core##*/}" "$out" "conflicts with"
done

# --- debhelper with the add-on

source=$dir/source
mkdir -p "$source/debian" "$dir/perl/Debian/Debhelper/Sequence" "$dir/bin"
cp "$top/pkg/hooks/debhelper/hvcompat.pm" "$dir/perl/Debian/Debhelper/Sequence/"
cp "$top/pkg/hooks/debhelper/dh_hvcompat" "$dir/bin/"
cat >"$source/debian/control" <<-'END'
	Source: toy-kernel
	Section: kernel
	Priority: optional
	Maintainer: A Tester <tester@example.org>
	Build-Depends: debhelper-compat (= 13)
	Standards-Version: 4.6.2

	Package: linux-image-toy
	Architecture: amd64
	Depends: linux-modules-toy (= ${binary:Version})
	Provides: toy-virtual
	Description: image
	 Image.

	Package: linux-modules-toy
	Architecture: amd64
	Description: modules
	 Modules.
END
cat >"$source/debian/changelog" <<-'END'
	toy-kernel (6.1.0-1) unstable; urgency=medium

	  * Test.

	 -- A Tester <tester@example.org>  Thu, 01 Jan 2026 00:00:00 +0000
END
cat >"$source/debian/rules" <<END
#!/usr/bin/make -f
%:
	dh \$@ --with hvcompat
override_dh_strip override_dh_strip_nondeterminism override_dh_shlibdeps override_dh_dwz override_dh_compress:
override_dh_auto_install:
	mkdir -p debian/linux-image-toy/boot debian/linux-modules-toy/lib/modules
	cp -l $dir/new/tree/boot/vmlinuz-$new_release $dir/new/tree/boot/config-$new_release debian/linux-image-toy/boot/
	cp -al $dir/new/tree/lib/modules/$new_release debian/linux-modules-toy/lib/modules/
override_dh_builddeb:
	dh_builddeb -- -Znone
END
chmod 755 "$source/debian/rules"
build_debs() {
	(cd "$source" && PATH=$dir/bin:$PATH PERL5LIB=$dir/perl dpkg-buildpackage -b -us -uc -d) >"$out" 2>&1 </dev/null
	status=$?
}
build_debs
is "dh --with hvcompat: exit status" "$status" 0
image=$dir/linux-image-toy_6.1.0-1_amd64.deb
is "what it provided stays" "$(dpkg-deb -f "$image" Provides | grep -o toy-virtual)" toy-virtual
run query --provides check -v "$image,$dir/linux-modules-toy_6.1.0-1_amd64.deb"
is "and what its kernel is comes in, though the modules are elsewhere" "$status" 0
is "the modules' own package is left alone" "$(dpkg-deb -f "$dir/linux-modules-toy_6.1.0-1_amd64.deb" Provides)" ""
rm "$image"
HVCOMPAT=/nonexistent build_debs
ok "without hvcompat there is no package" [ "$status" -ne 0 -a ! -e "$image" ]
HVCOMPAT=false build_debs
ok "nor with one that fails" [ "$status" -ne 0 -a ! -e "$image" ]
has "and the kernel is named" "$out" "no Provides could be made for the kernel $new_release"

# --- apt with the pins

pool=$dir/pool apt=$dir/apt
old_name=$(dpkg-deb -f "$old_deb" Package) new_name=$(dpkg-deb -f "$new_deb" Package)
toy_deb() { "$repo_tool" toydeb "$pool" "$@" 2>/dev/null | tail -n 1; }
for need in kmod linux-base initramfs-tools; do
	toy_deb "$need" 99 amd64 >/dev/null
done
meta_first=$(toy_deb linux-image-any 5.10-1 amd64 "Depends: $old_name")
meta_better=$(toy_deb linux-image-any 5.10-2 amd64 "Depends: $old_name")
meta_newest=$(toy_deb linux-image-any 6.1-1 amd64 "Depends: $new_name")
toy_deb other 2 amd64 >/dev/null
cp "$old_deb" "$new_deb" "$pool/"
"$repo_tool" flat - "$dir/flat" "$pool"/*.deb >/dev/null 2>&1
mkdir -p "$apt/etc/apt/preferences.d" "$apt/var/lib/dpkg/updates" "$apt/var/lib/dpkg/info" "$apt/var/lib/apt/lists/partial" \
	"$apt/var/cache/apt/archives/partial" "$apt/var/log/apt"
echo "deb [trusted=yes] file:$dir/flat ./" >"$apt/etc/apt/sources.list"
{
	for deb in "$old_deb" "$meta_first" "$pool"/kmod_*.deb "$pool"/linux-base_*.deb "$pool"/initramfs-tools_*.deb; do
		dpkg-deb -f "$deb"
		printf 'Status: install ok installed\n\n'
	done
	printf 'Package: other\nVersion: 1\nArchitecture: amd64\nMaintainer: A <a@invalid>\nDescription: x\nStatus: install ok installed\n\n'
} >"$apt/var/lib/dpkg/status"
apt_in_root() {
	apt-get -q -o Dir="$apt" -o Dir::State::status="$apt/var/lib/dpkg/status" -o APT::Architecture=amd64 \
		-o APT::Architectures=amd64 -o APT::Sandbox::User=root -o Dir::Etc::Trusted=/dev/null "$@" >"$out" 2>&1 </dev/null
	status=$?
}
would() { sed -n 's/^Inst \([^ ]*\) .*(\([^ ]*\) .*/\1=\2/p' "$out" | sort | tr '\n' ' '; }
apt_in_root update
is "apt has the repository" "$status" 0
apt_in_root -s dist-upgrade
is "without the pins apt takes the newest" "$(would)" \
	"$new_name=$(dpkg-deb -f "$new_deb" Version) linux-image-any=6.1-1 other=2 "
run policy package -p "$policy" -f deb --out "$dir/packages" "$old_deb" "$new_deb" "$meta_first" "$meta_better" "$meta_newest"
is "pins for kernel and meta package" "$(grep -c 'keeps out' "$out")" 2
pins=$(head -n 1 "$out")
# dpkg itself, for what it takes to be in order
dpkg --root="$apt" --force-not-root --force-depends -i "$pins" >"$out" 2>&1
is "dpkg installs them" "$?" 0
apt_in_root -s dist-upgrade
is "with them the older that is allowed, and all else: exit status" "$status" 0
is "with them the older that is allowed, and all else" "$(would)" "linux-image-any=5.10-2 other=2 "
apt_in_root -s install linux-image-any
is "so does install" "$(would)" "linux-image-any=5.10-2 "
apt_in_root -s install "$new_name"
ok "the kernel by its name is none to apt" [ "$status" -ne 0 ]
apt_in_root -s install "linux-image-any=6.1-1" "$new_name=$(dpkg-deb -f "$new_deb" Version)"
is "a version that is named passes, as the manual says" "$status" 0
dpkg --root="$apt" --force-not-root --force-depends -P hvcompat-policy-old-hyperv >"$out" 2>&1
apt_in_root -s dist-upgrade
is "without the package the pins are gone" "$(would | grep -o linux-image-any=6.1-1)" linux-image-any=6.1-1
done_testing
