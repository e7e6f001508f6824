#!/bin/sh
# Installs the build and uses it as somebody else would, by find_package and by pkg-config, in C
# and in C++: test_package.sh BUILD-DIRECTORY VERSION CC CXX [FLAG...]
# The flags (sanitizers) go to every compilation: the archive was built with them.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1
version=$2
cc=$3
cxx=$4
shift 4
flags=$*
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# quietly COMMAND...: its output only when it fails.
quietly() {
    "$@" >"$dir/log" 2>&1 || { echo "FAILED: $*" >&2; cat "$dir/log" >&2; exit 1; }
}
# says_version PROGRAM [ARGUMENT]: and is found to be of the version under test.
says_version() {
    quietly "$@"
    grep -q " $version\$" "$dir/log" || { echo "FAILED: $* says:" >&2; cat "$dir/log" >&2; exit 1; }
}

# The tree is moved after it was installed: nothing in it may know where it was.
quietly cmake --install "$build" --prefix "$dir/first"
mkdir "$dir/there"
mv "$dir/first" "$dir/there/ringfix"
prefix=$dir/there/ringfix
for program in ringfixd ringfix-ctl ringfix-journal ringfix-cat ringfix-dict ringfix-loadgen; do
    says_version "$prefix/bin/$program" --version
done

quietly cmake -S "$here/project" -B "$dir/build" -DCMAKE_PREFIX_PATH="$prefix" \
    -DRFX_WANTED="$version" -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" \
    -DCMAKE_C_FLAGS="$flags" -DCMAKE_CXX_FLAGS="$flags"
quietly cmake --build "$dir/build"
says_version "$dir/build/user_c"
says_version "$dir/build/user_cpp"
if cmake -S "$here/project" -B "$dir/newer" -DCMAKE_PREFIX_PATH="$prefix" -DRFX_WANTED=99.0 \
    >"$dir/log" 2>&1; then
    echo "FAILED: find_package(ringfix 99.0) is content with $version" >&2
    exit 1
fi

PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name ringfix.pc)")
export PKG_CONFIG_PATH
if [ "$(pkg-config --modversion ringfix)" != "$version" ]; then
    echo "FAILED: --modversion" >&2
    exit 1
fi
warnings="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"
for static in "" --static; do
    needs=$(pkg-config $static --cflags --libs ringfix)
    # shellcheck disable=SC2086
    quietly "$cc" -std=c17 $warnings $flags "$here/project/user.c" -o "$dir/c" $needs
    says_version "$dir/c"
    # shellcheck disable=SC2086
    quietly "$cxx" -std=c++17 $warnings $flags "$here/project/user.cpp" -o "$dir/cpp" $needs
    says_version "$dir/cpp"
done
if [ -z "$flags" ]; then # sanitizers do not go into a program without shared objects
    # shellcheck disable=SC2046
    quietly "$cc" -static -std=c17 "$here/project/user.c" -o "$dir/static" \
        $(pkg-config --static --cflags --libs ringfix)
    says_version "$dir/static"
fi

# Each header by itself, in both languages.
count=0
for header in "$prefix"/include/ringfix/*.h; do
    echo "#include <ringfix/$(basename "$header")>" >"$dir/alone.c"
    quietly "$cc" -std=c17 $warnings -I"$prefix/include" -fsyntax-only "$dir/alone.c"
    quietly "$cxx" -std=c++17 $warnings -I"$prefix/include" -x c++ -fsyntax-only "$dir/alone.c"
    count=$((count + 1))
done
[ $count -gt 10 ] || { echo "FAILED: only $count headers are installed" >&2; exit 1; }
