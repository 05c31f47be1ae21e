#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
#
# arm64-sysroot.sh DIR: unpack what lib/groove needs of Debian's arm64 DPDK into DIR/sysroot, and write the meson cross
# file DIR/arm64.ini for it. Nothing is installed: libdpdk-dev:arm64 and amd64's exclude each other. apt has its state in DIR.

set -eu

config=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
dir=$(cd "$1" && pwd)
sysroot=$dir/sysroot
[ ! -e "$dir/arm64.ini" ] || exit 0

apt=$dir/apt
rm -rf "$apt" "$sysroot"
mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$sysroot"
# nothing is installed there, so that dependencies are fetched down to the C library
: >"$apt/status"
cat >"$apt/apt.conf" <<EOF
APT::Architecture "arm64";
APT::Architectures { "arm64"; };
APT::Install-Recommends "false";
APT::Sandbox::User "";
Acquire::Languages "none";
Dir::Cache "$apt";
Dir::State "$apt";
Dir::State::status "$apt/status";
EOF
export APT_CONFIG="$apt/apt.conf"

apt-get update -q
# its name has the version of DPDK's ABI
eal=$(apt-cache depends libdpdk-dev | sed -n 's/.*Depends: *\(librte-eal[0-9][^ ]*\)$/\1/p' | head -n 1)
[ -n "$eal" ] || { echo "apt knows no librte-eal for arm64" >&2; exit 1; }
apt-get install -q -y --download-only "$eal"
# headers only: as dependencies it has all of DPDK
(cd "$apt/archives" && apt-get download -q libdpdk-dev)
for deb in "$apt"/archives/*.deb; do
	dpkg-deb -x "$deb" "$sysroot"
done
rm -rf "$apt"

# of the libraries only EAL's is there, and lib/groove needs no other
pc=$sysroot/usr/lib/aarch64-linux-gnu/pkgconfig
sed -e 's/-lrte_.*/-lrte_eal/' -e '/^Libs.private:/d' "$pc/libdpdk-libs.pc" >"$pc/libdpdk.pc"
sed "s|@SYSROOT@|$sysroot|g" "$config/arm64.ini.in" >"$dir/arm64.ini"
