#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --format junit, sarif and html: valid, and never of another mind than the exit status.
. "$(dirname "$0")/tap.sh"
make_knowledge
make_kernels
check=$top/tests/lib/report_check.py

command -v xmllint >/dev/null || { echo "Bail out! there is no xmllint: tools/install-deps test"; exit 1; }

cat >"$dir/data/waived.yaml" <<-'EOT'
	policy: waived
	version: 1
	about: For tests.
	requires:
	  - {hypervisor: fort, versions: "1", modes: [gate]}
	waivers:
	  - {finding: fort-1-gate-fort-old, reason: "Nobody <is> \"left\" & there.", by: The warden, until: 2030-01-31}
EOT
cat >"$dir/data/lenient.yaml" <<-'EOT'
	policy: lenient
	version: 1
	about: For tests. What is not known is told, and blocks nothing.
	unknown: report
	requires:
	  - {hypervisor: moat}
EOT
cat >"$dir/data/keeper.yaml" <<-'EOT'
	policy: keeper
	version: 1
	about: For tests. Nothing may be lost, whatever it is.
	drops: block
EOT
cat >"$dir/data/arm.yaml" <<-'EOT'
	policy: arm
	version: 1
	about: For tests. For kernels of another kind.
	requires:
	  - {hypervisor: fort, arch: [aarch64]}
EOT

valid() { # FORMAT STATUS FILE
	/usr/bin/python3 "$check" "$@"
}

# Every format of one command: its exit status, and that it is valid and means the same.
formats_are() { # STATUS WHAT ARG...
	local want=$1 what=$2 format
	shift 2
	for format in junit sarif html; do
		run "$@" --format $format
		is "$what, $format: exit status" "$status" "$want"
		ok "$what, $format: valid" valid $format "$want" "$out"
		cp "$out" "$dir/report.$format"
	done
}
junit_has() { has "$1" "$dir/report.junit" "$2"; }
sarif_has() { has "$1" "$dir/report.sarif" "$2"; }
html_has() { has "$1" "$dir/report.html" "$2"; }

formats_are 0 "query --on, supported" query --on fort "$old"
junit_has "a testcase for each verdict" 'tests="6" failures="0" errors="0" skipped="0"'
sarif_has "passes are told" '"kind":"pass"'
formats_are 1 "query --on, unsupported" query --on fort:1 "$old" "$new"
junit_has "the failure says why" '<failure message="unsupported: .*fort-old'
sarif_has "so does the result" '"text":"fort:1/gate: unsupported: '
formats_are 3 "query --on, unknown" query --on moat "$old"
formats_are 2 "query of nothing" query --on fort "$dir/none"
junit_has "is an error" 'tests="1" failures="0" errors="1"'
sarif_has "is a notification" '"toolExecutionNotifications":\['
html_has "is told on the page" 'No kernel could be read'
formats_are 2 "query, one of two is not there" query --on fort "$old" "$dir/none"
for format in junit sarif; do
	run query --format $format "$old"
	is "query --format $format without --on is wrong usage" "$status" 64
	has "and says so" "$err" '--on'
done
run query --format html "$old"
is "query --format html of everything" "$status" 0
ok "valid" valid html 0 "$out"
run query --format xml "$old"
is "there is no format xml" "$status" 64

formats_are 0 "check, allowed" check --policy keep "$old"
junit_has "names policy, version and digest" "<property name=\"sha256-1\" value=\"$(sha256sum <"$old" | cut -d' ' -f1)\"/>"
junit_has "the version of the policy" '<property name="policy-version" value="7"/>'
sarif_has "so does SARIF" "\"sha-256\":\"$(sha256sum <"$old" | cut -d' ' -f1)\""
formats_are 1 "check, blocked" check --policy keep "$new"
junit_has "a row that fails" '<testcase name="fort:1/gate, required: fort all"'
junit_has "says why" '<failure message=".*fort-old.*" type="dropped">'
junit_has "the evidence" '^new: config'
junit_has "what helps" '^help: .*fort-revival'
junit_has "the id" '^id: fort-1-gate-fort-old$'
sarif_has "a rule" '"id":"dropped/fort-old"'
sarif_has "its text from the knowledge" '"text":"The first disk of Fort\."'
sarif_has "its help" '"text":".*fort-revival'
sarif_has "the fingerprint is the id" '"finding/v1":"fort-1-gate-fort-old"'
hasnt "without an old kernel there is no baseline" "$dir/report.sarif" baselineState
formats_are 1 "check of two" check --policy keep "$old" "$new"
is "a testsuite each" "$(grep -c '<testsuite ' "$dir/report.junit")" 2
formats_are 3 "check, undecided" check --policy moated "$old"
formats_are 0 "check, not known and only told" check --policy lenient "$old"
junit_has "is skipped" '<skipped message='
sarif_has "is open" '"kind":"open"'
formats_are 0 "check, not applicable" check --policy arm "$old"
junit_has "is skipped too" '<skipped message="the requirement is not-applicable"'
formats_are 2 "check of nothing" check --policy keep "$dir/none"

formats_are 1 "diff" diff "$old" "$new"
sarif_has "new ones are new" '"baselineState":"new"'
html_has "old beside new" '<th scope="col">Old</th><th scope="col">New</th>'
html_has "a matrix of both" '<span class="role">old</span> 5\.1\.0.*<span class="role">new</span> 6\.1\.0'
formats_are 0 "diff, gained" diff "$new" "$old"
sarif_has "what is gone is absent" '"baselineState":"absent"'
formats_are 0 "diff of nothing" diff "$old" "$old"
html_has "says so" 'Nothing stands against it'
formats_are 2 "diff with nothing" diff "$old" "$dir/none"

formats_are 0 "gate, allowed" gate --policy new-only "$old" "$new"
formats_are 1 "gate, blocked" gate --policy keep "$old" "$new"
junit_has "names the old kernel" '<property name="old-release" value="5\.1\.0"/>'
junit_has "and the newest that is allowed" '<property name="newest-allowed" value="5\.1\.0"/>'
sarif_has "so does SARIF" '"newest_allowed":"5\.1\.0"'
html_has "so does the page" 'Newest of the given kernels that it allows: 5\.1\.0'
html_has "a finding that blocks stands open" '<details class="finding" open="open">'
html_has "the row says it" '✕</span> dropped</span> <span class="quiet">new, blocks</span>'
formats_are 1 "gate, with an old loss" gate --policy keep "$new" "$newer"
sarif_has "is unchanged" '"baselineState":"unchanged"'
formats_are 1 "gate, several" gate --policy keep "$old" "$new" "$newer"
formats_are 1 "gate, drops block" gate --policy keeper "$old" "$new"
junit_has "a row that nobody requires by name" '<testcase name="fort-1-gate-fort-old"'
formats_are 3 "gate, undecided" gate --policy moated "$old" "$new"
formats_are 2 "gate of nothing" gate --policy keep "$old" "$dir/none"
formats_are 0 "gate, waived" gate --policy waived --today 2030-01-31 "$old" "$new"
junit_has "is skipped, with who and why" '^waived by The warden until 2030-01-31: Nobody &lt;is&gt; &quot;left&quot; &amp; there\.$'
junit_has "of the day that was asked for" 'timestamp="2030-01-31T00:00:00"'
sarif_has "is suppressed" '"justification":"waived by The warden until 2030-01-31: '
html_has "is on the page" 'waived by The warden until 2030-01-31: Nobody &lt;is&gt; &quot;left&quot; &amp; there\.'
formats_are 1 "gate, waived till yesterday" gate --policy waived --today 2030-02-01 "$old" "$new"

for format in junit sarif html; do
	run gate --policy keep --today 2030-01-01 --format $format "$old" "$new"
	cp "$out" "$dir/first"
	run gate --policy keep --today 2030-01-01 --format $format "$old" "$new"
	ok "the same question gives the same $format" cmp "$dir/first" "$out"
	run gate --policy keep -q --format $format "$old" "$new"
	is "-q: no report" "$status$(cat "$out")" 1
	"$HVCOMPAT" gate --policy keep --format $format "$old" "$new" >/dev/full 2>"$err"
	is "a full disk fails" "$?" 2
	run gate --policy keep --no-digest --format $format "$old" "$new"
	hasnt "--no-digest" "$out" 'sha-?256["-][1:]'
done

# Names are bytes, and come from others: no name may become markup, end a script, or turn the text around.
evil=$(printf 'config-"\047><script>pwned=1<\\%%2fscript>]]>&amp;--\001\033\177\t\302\205\342\200\250\342\200\256\377\357\277\277 \360\237\220\247\n.x')
cp "$new" "$dir/$evil"
formats_are 1 "a hostile name" gate --policy keep "$old" "$dir/$evil"
formats_are 1 "a hostile name, alone" query --on fort "$dir/$evil"
formats_are 2 "a hostile name of nothing" check --policy keep "$dir/none$evil"
for format in junit html; do
	hasnt "$format: no tag of its own" "$dir/report.$format" '<script>pwned'
	ok "$format: no control characters" sh -c '! LC_ALL=C grep -q "$(printf "[\001\033\177]")" "$1"' sh "$dir/report.$format"
	ok "$format: nothing turns around" sh -c '! LC_ALL=C grep -q "$(printf "\342\200\256")" "$1"' sh "$dir/report.$format"
	has "$format: what can be shown is shown" "$dir/report.$format" '&quot;&#39;&gt;&lt;script&gt;pwned=1.*🐧'
done
make_kernel evil-release '6.1.0-<script>pwned=2</script>"' FORT_NEW
formats_are 1 "a hostile release" gate --policy keep "$old" "$dir/evil-release"

# A check that lets everything pass would prove nothing.
refuses() { # WHAT FORMAT STATUS SED
	sed "$4" "$dir/report.$2" >"$dir/bad"
	ok "refused: $1" sh -c '! cmp -s "$2" "$3" && ! /usr/bin/python3 "$1" "$4" "$5" "$3"' sh "$check" "$dir/report.$2" "$dir/bad" "$2" "$3"
}
formats_are 1 "gate, blocked" gate --policy keep "$old" "$new"
refuses "a failure with no type" junit 1 's/ type="dropped"//'
refuses "a count that is wrong" junit 1 's/failures="2"/failures="1"/'
refuses "an element that nobody knows" junit 1 's/testcase/testCase/g'
refuses "a control character" junit 1 "s/fort-old/\\x01/"
refuses "failures where the exit status is 0" junit 0 's/localhost/here/'
refuses "a level that is none" sarif 1 's/"level":"error"/"level":"fatal"/'
refuses "a result with no message" sarif 1 's/"message":{/"massage":{/'
refuses "no errors where the exit status is 1" sarif 1 's/"level":"error"/"level":"warning"/'
refuses "a kind with a level" sarif 1 's/"kind":"fail"/"kind":"pass"/'
refuses "a tag that is not closed" html 1 's/<\/h1>//'
refuses "a handler" html 1 's/<h1>/<h1 onclick="x">/'
refuses "a link out" html 1 's/href="#matrix"/href="https:\/\/example.org\/"/'
refuses "a second script" html 1 's/<main>/<main><script>1<\/script>/'
refuses "no policy" html 1 's/Content-Security-Policy/Content-Policy/'
done_testing
