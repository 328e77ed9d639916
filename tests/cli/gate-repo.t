#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# gate --repo: what an update would install on a host, and whether it may.
. "$(dirname "$0")/repo.sh"
toy() { "$repo" toydeb "$@" 2>/dev/null; }
meta() { toy "$dir" linux-image-fort "$2" amd64 "Depends: linux-image-$1 (= $2)"; }

five=$(make_deb 5.1.0-1-fort 5.1-1 "libc6 (>= 2)" FORT_OLD FORT_NEW)
five2=$(make_deb 5.1.0-2-fort 5.1-2 "libc6 (>= 2)" FORT_OLD FORT_NEW)
six=$(make_deb 6.1.0-1-fort 6.1-1 "libc6 (>= 2), kmod | module-init-tools, linux-base" FORT_NEW)
other=$(make_deb 5.9.0-1-other 5.9-1 "" FORT_OLD FORT_NEW)
m5=$(meta 5.1.0-1-fort 5.1-1) m52=$(meta 5.1.0-2-fort 5.1-2) m6=$(meta 6.1.0-1-fort 6.1-1)
make_repo() { # NAME PACKAGE...
	local name=$1
	shift
	rm -rf "${dir:?}/$name"
	"$repo" deb "$dir/key" "$dir/$name" stable main amd64 "$@" >"$dir/log" 2>&1
}
gates() { run gate --policy keep --keyring "$ring" --repo "$dir/new stable main" "$@"; }
made_up() { gates --repo-old "$dir/old stable main" "$@"; }

make_repo old "$five" "$m5"
make_repo new "$five" "$five2" "$six" "$other" "$m5" "$m52" "$m6"
made_up
is "an update that drops what is required" "$status" 1
has "says which host" "$out" '^a host that has the kernels of .*/old stable/main$'
has "what it had" "$out" '^linux-image-fort 5\.1-1, with 5\.1\.0-1-fort$'
has "what it would get" "$out" '^  6\.1\.0-1-fort  blocked    6\.1-1$'
has "what that loses" "$out" '^    fort:1: '
has "what it gets instead" "$out" '^  without what is not allowed, the update brings 5\.1\.0-2-fort$'
has "the newest that is allowed, of its kind" "$out" '^  newest allowed: 5\.1\.0-2-fort$'
has "how to stay" "$out" '^    apt-mark hold linux-image-fort$'
has "or to pin" "$out" 'Package: linux-image-fort linux-image-6\.1\.0-1-fort$'
hasnt() { if grep -qE "$3" "$2"; then ok "$1" false; else ok "$1" true; fi; }
hasnt "nothing of another flavour" "$out" '5\.9\.0-1-other'

# A comma is between the packages of a set: what would be read is not what was found.
cp -r "$dir/new" "$dir/new,old"
run gate --no-cache --policy keep --keyring "$ring" --repo "$dir/new,old stable main" --repo-old "$dir/old stable main"
is "a repository with a comma in its path: it failed" "$status" 2
has "which is said" "$err" 'new,old/.*: a comma in its name; give the repository a place without$'

# --- for pipelines ------------------------------------------------------------------------------
formats_are 1 "one that blocks" made_up
has "junit: a suite for the update" "$dir/report.junit" '<testsuite name="linux-image-fort 5\.1-1, with 5\.1\.0-1-fort" .*tests="1" failures="1"'
has "junit: what is lost" "$dir/report.junit" '<failure message=".*" type="blocked">fort:1: '
has "junit: how to stay" "$dir/report.junit" '^apt-mark hold linux-image-fort$'
has "sarif: the rule" "$dir/report.sarif" '"ruleId":"blocked/fort"'
has "html: what comes instead" "$dir/report.html" 'the update brings 5\.1\.0-2-fort</p>'

# --- side by side -------------------------------------------------------------------------------
flavour() { toy "$dir" linux-image-other "$2" amd64 "Depends: linux-image-$1 (= $2)"; }
other6=$(make_deb 6.9.0-1-other 6.9-1 "" FORT_NEW)
make_repo old "$five" "$m5" "$other" "$(flavour 5.9.0-1-other 5.9-1)"
make_repo new "$six" "$m6" "$other6" "$(flavour 6.9.0-1-other 6.9-1)"
made_up --no-cache
is "two flavours" "$status" 1
has "one" "$out" '^  6\.1\.0-1-fort  blocked '
has "and the other" "$out" '^  6\.9\.0-1-other  blocked '
is "progress is not for a file" "$(cat "$err")" ""
on_terminal() { "$top/tests/lib/on_terminal.py" "$HVCOMPAT" gate --policy keep --keyring "$ring" --repo "$dir/new stable main" \
	--repo-old "$dir/old stable main" --no-cache "$@"; }
on_terminal >"$dir/progress"
is "on a terminal: the same answer" "$?" 1
has "progress, of both at once" "$dir/progress" '0 of 2 kernels judged'
has "and on" "$dir/progress" '1 of 2 kernels judged'
on_terminal -q >"$dir/progress"
is "-q: no progress" "$(cat "$dir/progress")" ""
make_repo old "$five" "$m5"
make_repo new "$five" "$five2" "$six" "$other" "$m5" "$m52" "$m6"
made_up

# --- the cache ----------------------------------------------------------------------------------
rm -r "$dir/new/pool"
made_up
is "a second run says the same without a package" "$status" 1
has "of the cache" "$out" '^2 kernels judged, 2 of them ruled before$'
made_up --no-cache
is "without the cache they must be there" "$status" 2
has "and none is called allowed" "$out" 'newest allowed: none'

# --- nothing, and what cannot be ----------------------------------------------------------------
make_repo new "$five" "$m5"
made_up
is "nothing to update" "$status" 0
has "is told" "$out" '^  the update brings no kernel$'
formats_are 0 "nothing to update" made_up
make_repo new "$five" "$five2" "$m5" "$m52"
made_up
is "an update that is allowed" "$status" 0
has "is shown" "$out" '^  5\.1\.0-2-fort  allowed '
make_repo new "$m6" "$five"
made_up
is "a newer one whose image is not there is no consent" "$status" 3
has "but kept back" "$out" '^  kept back: linux-image-fort 5\.1-1, where 6\.1-1 is newer$'
has "with the reason" "$out" 'nothing provides linux-image-6\.1\.0-1-fort'
formats_are 3 "a newer one whose image is not there" made_up
has "junit: is an error" "$dir/report.junit" '<error message=".*nothing provides'
has "sarif: its rule" "$dir/report.sarif" '"ruleId":"kept back/update"'
make_repo old "$other"
made_up
is "an old repository that leads to no kernel" "$status" 2
has "and what to do" "$err" 'try check --repo'

# --- an installed host --------------------------------------------------------------------------
make_repo new "$five" "$five2" "$six" "$m5" "$m52" "$m6"
host() { # WANT-OF-META EXTRA-STANZA
	mkdir -p "$dir/host/var/lib/dpkg"
	{
		for p in "linux-image-fort 5.1-1 $1" "linux-image-5.1.0-1-fort 5.1-1 install" "libc6 2.36 install" \
			"kmod 30 install" "linux-base 4.9 install" "gone 1 deinstall"; do
			set -- $p
			printf 'Package: %s\nStatus: %s ok %s\nArchitecture: amd64\nVersion: %s\n\n' "$1" "$3" \
				"$([ "$3" = deinstall ] && echo config-files || echo installed)" "$2"
		done
	} >"$dir/host/var/lib/dpkg/status"
}
host install
gates --installed "$dir/host"
is "the update of an installed host" "$status" 1
has "which is named" "$out" "^the host in .*/host, with 5 packages$"
has "is judged" "$out" '^  6\.1\.0-1-fort  blocked '
gates --installed "$dir/host" --format json
ok "json" sh -c 'jq -e "$1" "$2" >/dev/null' sh '.command == "gate" and (.updates | length) == 1 and
	([.updates[0].update[].name] | sort) == ["linux-image-6.1.0-1-fort", "linux-image-fort"] and
	([.updates[0].kernels[] | select(.wanted) | .ruling.result]) == ["blocked"] and
	([.updates[0].instead[].name] | sort) == ["linux-image-5.1.0-2-fort", "linux-image-fort"] and
	.updates[0].newest_allowed == "5.1.0-2-fort"' "$out"
host hold
gates --installed "$dir/host"
is "a kernel on hold is not updated" "$status" 0
has "which is told" "$out" 'kept back: linux-image-fort 5\.1-1, where 6\.1-1 is newer: on hold$'
installed() { gates --installed "$dir/host" "$@"; }
formats_are 0 "a kernel on hold" installed
has "junit: is skipped" "$dir/report.junit" '<skipped message="it is on hold">'
host install
sed -i '/^Package: linux-base/,/^$/d' "$dir/host/var/lib/dpkg/status"
gates --installed "$dir/host"
is "what the host cannot install leaves doubt" "$status" 3
has "with the reason" "$out" 'nothing provides linux-base needed by linux-image-6\.1\.0-1-fort'
has "while the next best is shown" "$out" '^  5\.1\.0-2-fort  allowed '
# What packages recommend, as the host's apt is told: real apt reads the same files.
host install
firmware=$(toy "$dir" firmware-fort 1 amd64)
recommends=$(toy "$dir/r" linux-image-fort 5.1-2 amd64 "Depends: linux-image-5.1.0-2-fort (= 5.1-2)" "Recommends: not-there, firmware-fort")
make_repo new "$five" "$five2" "$m5" "$recommends" "$firmware"
brings() {
	gates --installed "$dir/host" --format json
	jq -r 'if [.updates[0].update[].name] | contains(["firmware-fort"]) then "true" else "false" end' "$out"
}
conf=$dir/host/etc/apt/apt.conf.d
mkdir -p "$conf/directory"
mkfifo "$conf/30pipe"
printf 'Dir "%s";\n' "$dir/host" >"$dir/apt-config"
apt_says() {
	unset APT_SAYS
	eval "$(APT_CONFIG=$dir/apt-config apt-config shell APT_SAYS APT::Install-Recommends/b 2>/dev/null)"
	echo "${APT_SAYS-false}"
}
is "what is recommended comes along" "$(brings)" true
while IFS= read -r line; do
	printf "$line\n" >"$conf/50test"
	is "as apt: $line" "$(brings)" "$(apt_says)"
done <<-'EOF'
	APT::Install-Recommends "false";
	apt { install-recommends 0; };
	APT { // x\n Install-Recommends "no"; /* y */ };
	# APT::Install-Recommends "false";
	APT::Install-Recommends "true";\n#clear APT::Install-Recommends;
	APT::Install-Recommends "true";\n#clear APT::Install;
	#clear APT;
	X { "a { }"; }; APT::Install-Recommends "off";
	APT::Install-Recommends "false";\nAPT::Install-Recommends "true";
	APT::Install-Recommends::x "false";
	A "// APT"; APT::Install-Recommends "without";
	APT::Install-Recommends "maybe";
	APT "x" { Install-Recommends "false"; };
	APT { Get { Install-Recommends "0"; }; };
	APT { Get { Yes "1"; }; Install-Recommends "no"; };
	APT::Install-Recommends 1;
	APT::Install-Recommends "2";
	APT::Install-Recommends "";
	APT::Install-Recommends "YES";
	APT\n{\n  Install-Recommends\n "no"\n;\n}
	APT::Install-Recommends="no";
	"APT::Install-Recommends" "no";
EOF
printf 'X {\n%.0s' {1..40} >"$conf/50test"
printf '};\n%.0s' {1..40} >>"$conf/50test"
echo 'APT { Install-Recommends "off"; };' >>"$conf/50test"
is "as apt: behind forty scopes within each other" "$(brings)" "$(apt_says)"
is "which says no" "$(brings)" false
echo 'APT::Install-Recommends "false";' >"$conf/50test"
echo 'APT::Install-Recommends "true";' >"$conf/60test.disabled"
is "of a name that apt passes over" "$(brings)" false
echo 'APT::Install-Recommends "true";' >"$conf/60test.conf"
is "the later one counts" "$(brings)" "$(apt_says)"
echo 'APT::Install-Recommends "false";' >"$conf/../apt.conf"
is "the main file is the last" "$(brings)" "$(apt_says)"
echo '#include "/elsewhere";' >"$conf/70test"
is "what is included is not read" "$(brings)" false
has "which is told" "$err" 'apt.conf.d/70test: includes another file, which is not read: Recommends are taken to be left out'
head -c 2000000 /dev/zero | tr '\0' ' ' >"$conf/70test"
gates --installed "$dir/host"
is "a file that is no configuration" "$status" 2

# Preferences are not followed, which is told where it matters.
pinned() { # TEXT [FILE]
	rm -rf "$dir/host/etc/apt/apt.conf"* "$dir"/host/etc/apt/preferences*
	mkdir "$dir/host/etc/apt/preferences.d"
	printf "$1\nPin: release *\nPin-Priority: 900\n" >"$dir/host/etc/apt/${2-preferences.d/fleet}"
	gates --installed "$dir/host"
}
while read -r file line; do
	pinned "Explanation: by hand\n$line" "$file"
	has "a pin of kernels is told: $line" "$err" "/host/etc/apt/$file: pins packages of kernels"
done <<-'EOF'
	preferences.d/fleet Package: toy linux-image-fort
	preferences.d/fleet.pref Package: linux-image-5.1.0-2-fort:any
	preferences Package: linux-*
	preferences package: *
	preferences Package: toy\n linux-image-fort
	preferences Package: /linux/
	preferences Package: src:linux
	preferences Package: t*o*y*t*o*y*t*o*y
EOF
while read -r file line; do
	pinned "$line" "$file"
	is "what is none of kernels is not: $file, $line" "$(cat "$err")" ""
done <<-'EOF'
	preferences.d/fleet Package: toy firefox-*
	preferences.d/fleet #Package: linux-image-fort
	preferences.d/fleet.bak Package: *
	preferences.d/hvcompat.pref Package: linux-image-fort
EOF
rm -r "$dir/host/etc"
host install
conflicting=$("$repo" toydeb "$dir/c" linux-image-6.3.0-1-fort 6.3-1 amd64 "Conflicts: libc6" 2>/dev/null)
make_repo new "$five" "$m5" "$conflicting" "$(meta 6.3.0-1-fort 6.3-1)"
gates --installed "$dir/host"
is "a set that cannot be solved leaves doubt" "$status" 3
has "with the reason" "$out" 'linux-image-6\.3\.0-1-fort.* conflicts with libc6'
has "and brings nothing" "$out" '^  the update brings no kernel$'
printf 'Package: broken\nStatus: install ok installed\n' >>"$dir/host/var/lib/dpkg/status"
gates --installed "$dir/host"
is "a damaged status" "$status" 2
has "is named" "$err" 'var/lib/dpkg/status: line '
rm -r "$dir/host/var"
gates --installed "$dir/host"
is "no dpkg" "$status" 2
mkdir -p "$dir/host/var/lib/dpkg"
: >"$dir/host/var/lib/dpkg/status"
gates --installed "$dir/host"
is "an empty one" "$status" 2
has "is no host" "$err" 'is empty'

# --- usage --------------------------------------------------------------------------------------
gates --installed / --repo-old x
is "two hosts" "$status" 64
run gate --policy keep --installed / "$five" "$six"
is "a host without a repository" "$status" 64
gates "$five"
is "kernels and a repository" "$status" 64
gates --format xml
is "no such format" "$status" 64
done_testing
