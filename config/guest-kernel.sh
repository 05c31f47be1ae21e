#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
#
# guest-kernel.sh DIR: take Debian's cloud kernel out of its package, to DIR/vmlinuz. Nothing is installed, and root is
# not needed: apt has its state in DIR. A kernel that is there already stays.

set -eu

if [ $# -ne 1 ]; then
	echo "usage: $0 DIR" >&2
	exit 2
fi
mkdir -p "$1"
dir=$(cd "$1" && pwd)
[ ! -e "$dir/vmlinuz" ] || exit 0

die() {
	echo "no kernel for a guest: $*; or put one there by hand, as $dir/vmlinuz" >&2
	exit 1
}

apt=$dir/apt
rm -rf "$apt"
mkdir -p "$apt/lists/partial" "$apt/archives/partial"
trap 'rm -rf "$apt"' EXIT
cat >"$apt/apt.conf" <<END
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User "";
Acquire::Languages "none";
Dir::Cache "$apt";
Dir::State "$apt";
Dir::State::status "/var/lib/dpkg/status";
END
export APT_CONFIG="$apt/apt.conf"

apt-get update -q >&2 || die "apt-get update fails"
# that package only names the newest
name=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: *\(linux-image-[0-9][^ ]*\)$/\1/p' | head -n 1)
[ -n "$name" ] || die "apt knows no package linux-image-cloud-amd64, or cannot reach it"
(cd "$apt/archives" && apt-get download -q "$name" >&2) || die "apt-get download $name fails"
for deb in "$apt/archives/$name"_*.deb; do
	dpkg-deb --fsys-tarfile "$deb" | tar -xO "./boot/vmlinuz-${name#linux-image-}" >"$apt/vmlinuz" ||
		die "$name holds no kernel"
done
# whole or not at all
mv "$apt/vmlinuz" "$dir/vmlinuz"
