#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
#
# Check what the test programs themselves promise: prompt, DPDK_TEST, verdicts and exit statuses.
#
# usage: prompt_check.sh GROOVE_TEST GROOVE_TEST_PLAIN

set -u

if [ $# -ne 2 ]; then
	echo "usage: $0 GROOVE_TEST GROOVE_TEST_PLAIN" >&2
	exit 2
fi

run=$(dirname "$0")/run-eal-test.sh
failed=0

# expect NAME STATUS PATTERN: $output and $status of the last run are so.
expect()
{
	if [ "$status" -eq "$2" ] && printf '%s\n' "$output" | grep -q "$3"; then
		echo "ok - $1"
		return
	fi
	echo "not ok - $1: status $status instead of $2, or no \"$3\" in:"
	printf '%s\n' "$output"
	failed=1
}

# type_in TEXT PROGRAM: what is typed at the prompt, to the letter.
type_in()
{
	output=$(printf '%s' "$1" | "$run" "$2" 2>&1)
	status=$?
}

# prompt LINES PROGRAM: the same with a newline at the end.
prompt()
{
	type_in "$1
" "$2"
}

# ran_nothing NAME: the last run gave no verdict.
ran_nothing()
{
	! printf '%s\n' "$output" | grep -q '^Test ' || {
		echo "not ok - $1: a test ran in:"
		printf '%s\n' "$output"
		failed=1
	}
}

prompt error_autotest "$1"
expect 'a command at the prompt' 0 '^Test OK'
prompt 'error_autotest
quit
szc_autotest' "$1"
expect 'quit' 0 '^Test OK'
[ "$(printf '%s\n' "$output" | grep -c '^Test OK')" -eq 1 ] || {
	echo 'not ok - commands ran after quit'
	failed=1
}
prompt dump_tests "$1"
expect 'dump_tests lists tests' 0 '^groove_data_autotest  *fast'
expect 'dump_tests lists drivers' 0 '^volume_memzone_autotest  *driver'
prompt 'no_such_autotest' "$1"
expect 'unknown command' 1 'no test "no_such_autotest"'
prompt 'eror_autotest' "$1"
expect 'unknown command with a near one' 1 'near it: error_autotest'
prompt 'error_autotest extra' "$1"
expect 'more after a command' 1 'no test "error_autotest extra"'
ran_nothing 'more after a command'
prompt 'error_autotest szc_autotest' "$1"
expect 'two commands in a line' 1 'no test "error_autotest szc_autotest"'
ran_nothing 'two commands in a line'
prompt '  error_autotest  # a comment' "$1"
expect 'blanks and a comment around a command' 0 '^Test OK'
type_in error_autotest "$1"
expect 'a last line without a newline' 0 '^Test OK'
type_in 'error_autotest
no_such_autotest' "$1"
expect 'an unknown command without a newline' 1 'no test "no_such_autotest"'
prompt "$(printf '%5000s' '' | tr ' ' x)" "$1"
expect 'a name of 5,000 letters' 1 'line of 5000 characters, 255 at most'
prompt "error_autotest$(printf '%600s' '')extra" "$1"
expect 'a line that is too long' 1 'line of 619 characters, 255 at most'
ran_nothing 'a line that is too long'
prompt "$(printf '%600s' error_autotest)
error_autotest" "$1"
expect 'a command after a line that is too long' 1 '^Test OK'

output=$("$run" "$1" error_autotest,szc_autotest 2>&1)
status=$?
expect 'DPDK_TEST with two names' 0 '^Test OK'
output=$("$run" "$1" error_autotest,no_such_autotest 2>&1)
status=$?
expect 'DPDK_TEST with an unknown name' 1 'dump_tests'

# words WORD...: the program with these, and nothing to type.
words()
{
	output=$("$@" 2>&1 </dev/null)
	status=$?
}

words "$1" error_autotest szc_autotest
expect 'names as arguments' 0 '^szc_autotest$'
[ "$(printf '%s\n' "$output" | grep -c '^Test OK')" -eq 2 ] || {
	echo 'not ok - two names, and not two verdicts'
	failed=1
}
words "$1" --no-huge -m 512 --no-shconf -- error_autotest
expect "names after EAL's arguments" 0 '^Test OK'
words "$1" --no-huge -m 512 --no-shconf error_autotest
expect "names after EAL's arguments, without --" 0 '^Test OK'
words "$1" --no-huge -m 512 --no-shconf
expect "a prompt without input" 0 'RTE>>'
for program in "$1" "$2"; do
	words "$program" error_autotest eror_autotest
	expect "an unknown name as argument of $program" 1 'no test "eror_autotest", near it: error_autotest'
	expect "the list with it" 1 '^szc_autotest  *fast'
	ran_nothing "an unknown name next to a known one"
	words "$program" -- --help
	expect "--help of $program" 0 '^usage: groove-test'
	ran_nothing "--help"
	words "$program" --list
	expect "--list of $program" 0 '^szc_autotest  *fast'
done
words "$1" --no-huge -m 512 --no-shconf -- no_such_autotest
expect "an unknown name after EAL's arguments" 1 'no test "no_such_autotest"'
words "$1" --help
expect "--help among EAL's arguments" 0 '^usage: groove-test'
prompt 'help' "$1"
expect 'help at the prompt' 0 'The name of a test runs it'
ran_nothing 'help at the prompt'

output=$("$2" --list)
status=$?
expect 'plain lists tests' 0 '^szc_autotest  *fast'
output=$("$2" error_autotest 2>&1)
status=$?
expect 'plain runs a test' 0 '^Test OK'
output=$("$2" no_such_autotest 2>&1)
status=$?
expect 'plain with an unknown name' 1 'no test "no_such_autotest"'

exit "$failed"
