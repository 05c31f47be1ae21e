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

# prompt LINES PROGRAM: what is typed at the prompt.
prompt()
{
	output=$(printf '%s\n' "$1" | "$run" "$2" 2>&1)
	status=$?
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

output=$("$run" "$1" error_autotest,szc_autotest 2>&1)
status=$?
expect 'DPDK_TEST with two names' 0 '^Test OK'
output=$("$run" "$1" error_autotest,no_such_autotest 2>&1)
status=$?
expect 'DPDK_TEST with an unknown name' 1 'dump_tests'

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
