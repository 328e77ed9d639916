#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# gate --repo with suites of several priorities brings the kernels that apt itself would: both are asked.
. "$(dirname "$0")/repo.sh"
command -v apt-get >/dev/null || { echo "Bail out! there is no apt-get"; exit 1; }
toy() { "$repo" toydeb "$dir" "$@" 2>/dev/null; }
kernel() { # RELEASE VERSION: image and meta package, into $dir/VERSION
	mkdir -p "$dir/$2"
	mv "$(make_deb "$1" "$2" "" FORT_OLD FORT_NEW)" "$dir/$2/"
	mv "$(toy linux-image-fort "$2" amd64 "Depends: linux-image-$1 (= $2)")" "$dir/$2/"
}
kernel 5.1.0-1-fort 5.1-1
kernel 5.1.0-2-fort 5.1-2
kernel 6.1.0-1-fort 6.1-1~bpo1
kernel 6.2.0-1-fort 6.2-1~bpo1
suite() { # NAME FIELDS VERSION...: a repository
	local name=$1 fields=$2 list=()
	shift 2
	for v; do list+=("$dir/$v"/*.deb); done
	rm -rf "${dir:?}/$name"
	RELEASE_FIELDS=$fields "$repo" deb "$dir/key" "$dir/$name" "$name" main amd64 "${list[@]}" >>"$dir/log" 2>&1
}
host() { # RELEASE VERSION
	mkdir -p "$dir/host/var/lib/dpkg"
	printf 'Package: %s\nStatus: install ok installed\nArchitecture: amd64\nVersion: %s\n%s\n' \
		linux-image-fort "$2" "Depends: linux-image-$1 (= $2)
" "linux-image-$1" "$2" "" >"$dir/host/var/lib/dpkg/status"
}
by_apt() { # SUITE...: what apt would install, by name and version
	local opts=(-qq -o "Dir::State=$dir/apt" -o "Dir::State::status=$dir/host/var/lib/dpkg/status" -o "Dir::Etc=$dir/apt/etc"
		-o "Dir::Cache=$dir/apt/cache" -o APT::Architecture=amd64 -o APT::Architectures::=amd64 -o "Dir::Etc::trusted=$ring"
		-o Dir::Etc::trustedparts=/dev/null -o Debug::NoLocking=1 -o APT::Sandbox::User=root)
	rm -rf "$dir/apt"
	mkdir -p "$dir"/apt/etc/{apt.conf.d,preferences.d,sources.list.d} "$dir"/apt/lists/partial "$dir"/apt/cache/archives/partial
	for s; do echo "deb [signed-by=$ring] file:$dir/$s $s main"; done >"$dir/apt/etc/sources.list"
	apt-get "${opts[@]}" update >>"$dir/log" 2>&1 || echo "apt-get update failed"
	apt-get "${opts[@]}" -s dist-upgrade 2>>"$dir/log" | sed -n 's/^Inst \([^ ]*\) \(\[[^ ]*\] \)\?(\([^ ]*\) .*/\1 \3/p' | sort
}
same() { # WHAT EXPECTED-META SUITE...
	local what=$1 meta=$2 repos=()
	shift 2
	for s; do repos+=(--repo "$dir/$s $s main"); done
	run gate --policy keep --keyring "$ring" --no-cache --installed "$dir/host" --format json "${repos[@]}"
	is "$what: allowed" "$status" 0
	jq -r '.updates[0].update[] | "\(.name) \(.version)"' "$out" | sort >"$dir/ours"
	by_apt "$@" >"$dir/apts"
	is "$what: apt's own answer" "$(cat "$dir/ours")" "$(cat "$dir/apts")"
	is "$what: which is" "$(sed -n 's/^linux-image-fort //p' "$dir/ours")" "$meta"
	is "$what: nothing is said to stay behind" "$(jq '.updates[0].kept | length' "$out")" 0
}
bpo="NotAutomatic: yes
ButAutomaticUpgrades: yes"
suite main "" 5.1-1 5.1-2
suite old "" 5.1-1
suite backports "$bpo" 6.1-1~bpo1 6.2-1~bpo1
suite experimental "NotAutomatic: yes" 6.2-1~bpo1
suite like-any "" 6.2-1~bpo1
suite not-even "NotAutomatic: no" 6.2-1~bpo1

host 5.1.0-1-fort 5.1-1
same "backports are not taken by themselves" 5.1-2 main backports
same "in whatever order" 5.1-2 backports main
same "nothing newer but in backports" "" old backports
same "a suite that is not automatic" 5.1-2 main experimental
same "alone" "" experimental
same "backports alone" 6.2-1~bpo1 backports
same "one that is like any other" 6.2-1~bpo1 main like-any
same "one that says no" 6.2-1~bpo1 main not-even
host 6.1.0-1-fort 6.1-1~bpo1
same "a host that has a kernel of backports stays with them" 6.2-1~bpo1 main backports
same "but not with what is not automatic" "" main experimental
host 4.9.0-1-fort 4.9-1
same "from nowhere" 5.1-2 main backports
same "from nowhere, to what is not automatic" "" experimental

run gate --policy keep --keyring "$ring" --no-cache --installed "$dir/host" --repo "$dir/main main main" \
	--repo "$dir/backports backports main"
has "the report says what counts for less" "$out" 'NotAutomatic: counts for 100, where others do for 500'
run gate --policy keep --keyring "$ring" --no-cache --repo "$dir/main main main" --repo "$dir/backports backports main" \
	--repo-old "$dir/old old main"
is "a made-up host" "$status" 0
has "takes nothing of backports either" "$out" '^  5\.1\.0-2-fort  allowed '
hasnt() { if grep -qE "$3" "$2"; then ok "$1" false; else ok "$1" true; fi; }
hasnt "and names none" "$out" '6\.[12]\.0-1-fort'
done_testing
