#!/bin/sh
# What the build makes, on a Debian of its own: Debian 12's kernel and systemd, in an emulated machine
# (no KVM, no network): run.sh BUILD-DIRECTORY VERSION
#
# The Debian package, some test programs and checks/*.sh are put on a disk; guest.sh runs the checks
# and says on the second serial line what came of each. The system itself is made once a build
# directory.
set -eu
build=$1
version=$2
here=$(cd "$(dirname "$0")" && pwd)
work=$build/vm
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM

skip() {
    echo "SKIPPED: $1" >&2
    exit 77
}
[ "$(id -u)" -eq 0 ] || skip "only root can make a disk with a system on it"
[ "$(uname -m)" = x86_64 ] || skip "the machine that is emulated is an x86_64"
for program in mmdebstrap mke2fs qemu-system-x86_64 cpack; do
    command -v $program >/dev/null ||
        skip "$program is not there: apt-get install mmdebstrap e2fsprogs qemu-system-x86 cmake"
done

(cd "$build" && cpack -B "$dir/packages") >"$dir/log" 2>&1 || {
    cat "$dir/log" >&2
    exit 1
}
package=$(echo "$dir"/packages/ringfix_"$version"_*.deb)

# ---- the system
needs=$(dpkg-deb -f "$package" Depends | sed 's/([^)]*)//g; s/|[^,]*//g; s/ //g')
if [ ! -e "$work/disk" ] || [ "$(cat "$work/needs")" != "$needs" ]; then
    rm -rf "$work"
    mkdir -p "$work"
    echo "making a Debian 12 ..."
    mmdebstrap --variant=minbase --include="systemd-sysv,linux-image-cloud-amd64,initramfs-tools" \
        --include="kmod,procps,openssl,libcmocka0,$needs" \
        --customize-hook="copy-in $here/vm-checks.service /etc/systemd/system" \
        --customize-hook='chroot "$1" systemctl enable vm-checks.service' \
        --customize-hook='echo virtio_blk >>"$1/etc/initramfs-tools/modules"' \
        --customize-hook='chroot "$1" update-initramfs -u' \
        bookworm "$work/root" >"$dir/log" 2>&1 || {
        cat "$dir/log" >&2
        rm -rf "$work"
        skip "no Debian could be made (above)"
    }
    cp "$work"/root/boot/vmlinuz-* "$work/kernel"
    cp "$work"/root/boot/initrd.img-* "$work/initrd"
    mke2fs -q -t ext4 -d "$work/root" "$work/disk.new" 2G
    rm -rf "$work/root"
    echo "$needs" >"$work/needs"
    mv "$work/disk.new" "$work/disk"
fi

# ---- what is checked
mkdir "$dir/payload"
cp -r "$here/guest.sh" "$here/checks" "$package" "$dir/payload"
mkdir "$dir/payload/programs"
for program in "$build"/tests/test_tls "$build"/tests/integration/integration_tls; do
    cp "$program" "$dir/payload/programs"
done
mke2fs -q -t ext4 -d "$dir/payload" "$dir/disk" 200M

timeout 900 qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2 -m 2G -nic none \
    -display none -no-reboot -serial "file:$dir/console" -serial "file:$dir/checks" \
    -kernel "$work/kernel" -initrd "$work/initrd" \
    -append "root=/dev/vda rw console=ttyS0 panic=-1 loglevel=4" \
    -drive "file=$work/disk,if=virtio,format=raw,snapshot=on" \
    -drive "file=$dir/disk,if=virtio,format=raw" </dev/null >"$dir/log" 2>&1 || {
    echo "FAILED: the machine did not end by itself" >&2
    cat "$dir/log" "$dir/console" "$dir/checks" >&2
    exit 1
}
tr -d '\r' <"$dir/checks"
if ! grep -q '^all checks passed' "$dir/checks"; then
    [ -s "$dir/checks" ] || tail -n 50 "$dir/console" >&2
    exit 1
fi
