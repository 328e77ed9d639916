#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# policy package: what it asks of kernels, whom it names, and what it does not make. Whether package managers heed it is
# for tests/host/enforce.t.
. "$(dirname "$0")/tap.sh"
make_knowledge
sed -i 's/{config: FORT_OLD}/{config: FORT_OLD, versions: ["0.13", "2.4"]}/' "$dir/data/interfaces/fort-old.yaml"
cat >"$dir/data/hypervisors/fort.yaml" <<-'END'
	hypervisor: fort
	name: Fort Visor
	about: Only this test knows it.
	source: "this test"
	versions:
	  - {id: "1", source: "this test"}
	  - {id: "2", source: "this test"}
	modes:
	  - {id: gate, needs: {disk: required}}
	offers:
	  - interface: fort-old
	    meets: host-maximum
	    at: [{versions: ["1.1"]}, {since: "2", versions: ["1.1", "2.0"]}]
	    source: "this test"
	  - {interface: fort-new, since: "2", source: "this test"}
END
cat >"$dir/data/waived.yaml" <<-'END'
	policy: waived
	version: 2
	about: For tests.
	requires:
	  - {hypervisor: fort, versions: "1", flavour: [cloud]}
	  - {userspace: ancients}
	waivers:
	  - {finding: fort-2-gate, reason: r, by: b, until: 2030-01-01}
END
conflicts() { rpm -qp --conflicts "$1" 2>/dev/null | sort | tr '\n' ';'; }

# --- by what kernels provide

run policy package -p keep -f rpm --out "$dir/a"
is "an .rpm: exit status" "$status" 0
made=$dir/a/hvcompat-policy-keep-7-1.noarch.rpm
is "its path comes first" "$(head -n 1 "$out")" "$made"
is "what it keeps out" "$(conflicts "$made")" \
	"(kernel-core without (hypervisor(fort-old) <= 2.0 or hypervisor(fort-new)));(kernel-core without hypervisor(fort-old) <= 1.1);"
is "it has no files" "$(rpm -qlp "$made" 2>/dev/null)" "(contains no files)"
is "and is alone there" "$(ls -A "$dir/a")" "${made##*/}"
run policy package -p keep -f rpm --out "$dir/a" --kernel kernel-default --name house-rules --revision 3.el9
is "other names" "$(conflicts "$dir/a/house-rules-7-3.el9.noarch.rpm" | grep -o kernel-default | wc -l)" 2
sed -i 's/^kind: paravirtual/kind: emulated/' "$dir/data/interfaces/fort-new.yaml"
run policy package -p keep -f rpm --out "$dir/b"
is "what a device without Provides can do is not asked for" "$(conflicts "$dir/b/hvcompat-policy-keep-7-1.noarch.rpm")" \
	"(kernel-core without hypervisor(fort-old) <= 1.1);"
has "and that is said" "$out" "does not see to: fort/gate, disk: fort-new will do as well"
run policy package -p new-only -f rpm --out "$dir/c"
is "a policy that nothing can be asked for" "$status" 2
ok "and nothing is made" [ ! -e "$dir/c" ]
run policy package -p waived -f rpm --out "$dir/d"
is "old userspace is provided as well" "$(conflicts "$dir/d/hvcompat-policy-waived-2-1.noarch.rpm")" \
	"(kernel-core without userspace(old-abi));"
has "solvers know no flavour" "$out" "does not see to: fort: is required of certain flavours"
has "nor a waiver" "$out" "does not see to: fort-2-gate: the waiver does not count"

SOURCE_DATE_EPOCH=1700000000 run policy package -p keep -f rpm --out "$dir/e"
cp "$dir/e/"*.rpm "$dir/first.rpm"
SOURCE_DATE_EPOCH=1700000000 run policy package -p keep -f rpm --out "$dir/e"
ok "twice the same" cmp "$dir/first.rpm" "$dir/e/hvcompat-policy-keep-7-1.noarch.rpm"

# --- by name

make_deb() { # NAME VERSION DEPENDS RELEASE SYMBOL...
	local name=$1 version=$2 depends=$3 release=$4 at=$dir/tree-$1
	shift 4
	mkdir -p "$at/DEBIAN"
	if [ -n "$release" ]; then
		mkdir -p "$at/boot"
		make_image "tree-$name/boot/vmlinuz-$release" "$release"
		make_kernel "tree-$name/boot/config-$release" "$release" "$@"
	fi
	printf 'Package: %s\nVersion: %s\nArchitecture: amd64\nMaintainer: A <a@invalid>\n%sDescription: Toy\n' "$name" \
		"$version" "${depends:+Depends: $depends
}" >"$at/DEBIAN/control"
	(cd "$at" && find . -path ./DEBIAN -prune -o -type f -printf '%P\n' | xargs -r md5sum) >"$at/DEBIAN/md5sums"
	dpkg-deb --root-owner-group -Znone -b "$at" "$dir/$name.deb" >/dev/null
}
make_deb linux-image-5 5.1-1 "" 5.1.0 FORT_OLD
make_deb linux-image-6 6.1-1 "" 6.1.0 FORT_NEW
make_deb linux-image-any 6.1-2 "linux-image-6 (= 6.1-1)" ""
make_deb linux-image-more 6.1-3 "linux-image-any" ""
make_deb linux-image-rest 5.1-2 "linux-image-5" ""
debs="$dir/linux-image-any.deb $dir/linux-image-5.deb $dir/linux-image-6.deb $dir/linux-image-more.deb $dir/linux-image-rest.deb"
# shellcheck disable=SC2086 # a list is meant
run policy package -p keep -f deb --out "$dir/f" $debs
is "a .deb: exit status" "$status" 0
made=$dir/f/hvcompat-policy-keep_7-1_all.deb
pins=etc/apt/preferences.d/hvcompat-policy-keep.pref
dpkg-deb --fsys-tarfile "$made" | tar -xO "./$pins" >"$dir/pins"
is "it pins the kernel and what brings it in" "$(sed -n 's/^Package: //p' "$dir/pins" | tr '\n' ' ')" \
	"linux-image-6 linux-image-any linux-image-more "
is "in these versions" "$(sed -n 's/^Pin: version //p' "$dir/pins" | tr '\n' ' ')" "6.1-1 6.1-2 6.1-3 "
is "never to be chosen" "$(grep -c '^Pin-Priority: -1$' "$dir/pins")" 3
has "with the reason" "$dir/pins" '^Explanation: .*fort:1/gate'
is "they are the administrator's to change" "$(dpkg-deb -I "$made" conffiles)" "/$pins"
ok "all in one stanza each" /usr/bin/python3 - "$dir/pins" <<-'END'
	import sys
	text = "\n".join(line for line in open(sys.argv[1]).read().split("\n") if not line.startswith("#"))
	for stanza in filter(str.strip, text.split("\n\n")):
	    keys = [line.split(":")[0] for line in stanza.strip().split("\n")]
	    assert keys == ["Explanation", "Package", "Pin", "Pin-Priority"], keys
END
run policy package -p keep -f deb --out "$dir/g" "$dir/linux-image-5.deb"
is "nothing to keep out" "$status" 2
ok "nothing is made then" [ ! -e "$dir/g" ]
run policy package -p keep -f rpm --out "$dir/g" "$dir/linux-image-6.deb"
is "a .deb is nothing that an .rpm can name" "$status" 2
head -c 3000 "$dir/linux-image-5.deb" >"$dir/cut.deb"
run policy package -p keep -f deb --out "$dir/g" "$dir/linux-image-6.deb" "$dir/cut.deb"
is "a kernel that cannot be read" "$status" 2
ok "is no reason to make a list without it" [ ! -e "$dir/g" ]
make_deb linux-image-dark 1-1 "" 6.2.0
rm "$dir/tree-linux-image-dark/boot/config-6.2.0"
sed -i /config/d "$dir/tree-linux-image-dark/DEBIAN/md5sums"
dpkg-deb --root-owner-group -Znone -b "$dir/tree-linux-image-dark" "$dir/linux-image-dark.deb" >/dev/null
run policy package -p keep -f deb --out "$dir/h" "$dir/linux-image-dark.deb"
has "what cannot be told of is kept out" "$out" "keeps out: linux-image-dark 1-1"

# --- wrong usage, and names that would say something else

run policy package -f rpm
is "no policy" "$status" 64
run policy package -p keep
is "no format" "$status" 64
run policy package -p keep -f deb
is "a .deb needs kernels" "$status" 64
for name in 'a b' A '-a' 'a
b' '%{x}' ''; do
	run policy package -p keep -f rpm --out "$dir/i" --name "$name"
	ok "no package is called '$(echo "$name" | tr '\n' ' ')'" [ "$status" -ne 0 ]
done
run policy package -p keep -f rpm --out "$dir/i" --kernel 'a) (b'
is "nor a kernel 'a) (b'" "$status" 2
run policy package -p keep -f rpm --out "$dir/i" --maintainer 'A
Requires: b'
is "a maintainer is one line" "$status" 2
ok "none of these was made" [ ! -e "$dir/i" ]
PATH=$dir/nothing run policy package -p keep -f rpm --out "$dir/i"
is "without rpmbuild" "$status" 2
has "the package that has it is named" "$err" "install the package rpm"
done_testing
