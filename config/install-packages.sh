#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
#
# install-packages.sh run|perf|test|ci: install what is missing of config/packages.txt. Touches nothing when all is there.

set -eu

scope=${1:-}
case $scope in
run) wanted='run' ;;
perf) wanted='run perf' ;;
test) wanted='run perf test' ;;
ci) wanted='run perf test ci' ;;
*)
	echo "usage: $0 run|perf|test|ci" >&2
	exit 2
	;;
esac

list=$(dirname "$0")/packages.txt
packages=$(awk -v wanted=" $wanted " '!/^#/ && index(wanted, " " $2 " ") { printf "%s ", $1 }' "$list")

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
	echo "no apt here: install by hand what these Debian packages hold:" "$packages" >&2
	exit 0
fi

missing=
for package in $packages; do
	dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "packages are missing and there is no sudo; as root: apt-get install$missing" >&2
		exit 1
	fi
	as_root=sudo
fi

echo "installing:$missing"
$as_root apt-get update -q
# shellcheck disable=SC2086 # words on purpose
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
