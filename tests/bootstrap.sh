#!/bin/sh
# SPDX-License-Identifier: MIT
# ./bootstrap with package managers that only write down how they are called.

. "${abs_srcdir:-.}/tests/cli/lib.sh"

bin=$work/bin
mkdir "$bin"
# the tools that the script itself needs, and nothing else of this machine
for tool in sh sed tr dirname env cat; do
	ln -s "$(command -v $tool)" "$bin/$tool" || skip_all "no $tool"
done
cp "$abs_srcdir/bootstrap" . || bail_out 'no bootstrap'

# fake NAME [TEXT]: a program that notes its call and prints TEXT
fake()
{
	cat >"$bin/$1" <<-EOT
	#!$bin/sh
	echo "$1 \$*" >>"$work/calls"
	${2:+echo "$2"}
	EOT
	chmod +x "$bin/$1"
}

# sudo and id as they are for an ordinary user
fake_user()
{
	fake id 1000
	cat >"$bin/sudo" <<-EOT
	#!$bin/sh
	echo "sudo \$*" >>"$work/calls"
	exec "\$@"
	EOT
	chmod +x "$bin/sudo"
}

# boot ARGUMENT…: runs it on a machine that has everything, or no library
everything=no
boot()
{
	for tool in git make autoconf automake cc; do
		fake "$tool"
	done
	cat >"$bin/pkg-config" <<-EOT
	#!$bin/sh
	test $everything = yes
	EOT
	chmod +x "$bin/pkg-config"
	: >"$work/calls"
	run env PATH="$bin" "$bin/sh" ./bootstrap "$@"
	calls=$(cat "$work/calls")
}

everything=yes
fake apt-get
fake id 0
boot --install-only
is "$status" 0 'with everything there it succeeds'
like "$out" 'everything the build needs is installed' 'it says so'
unlike "$calls" apt-get 'and asks no package manager'

everything=no
boot --install-only
is "$status" 0 'with something missing it succeeds'
like "$out" 'missing: *libuv' 'it names what is missing'
like "$out" 'running: apt-get update' 'it says what it does'
like "$calls" 'apt-get install*libuv1-dev' 'and installs it'
unlike "$calls" sudo 'root needs no sudo'

fake_user
boot --install-only
like "$calls" 'sudo apt-get update*sudo env*apt-get install' \
    'others use sudo'

rm "$bin/sudo"
boot --install-only
isnt "$status" 0 'without root and sudo it fails'
like "$err" 'run the line above as root' 'and says what to do'
unlike "$calls" apt-get 'having run nothing'

fake_user
boot --no-install --install-only
is "$status" 0 '--no-install succeeds'
like "$out" '--no-install was given' 'it names what is missing'
unlike "$calls" apt-get 'it installs nothing'

rm "$bin/apt-get"
for pair in dnf:libuv-devel pacman:libuv apk:libuv-dev zypper:libuv-devel \
    brew:libuv; do
	manager=${pair%%:*}
	fake "$manager"
	boot --install-only
	like "$calls" "$manager *${pair#*:}" "$manager is known"
	rm "$bin/$manager"
done

boot --install-only
isnt "$status" 0 'with no package manager it fails'
like "$err" 'no package manager known here; missing: *yaml-0.1' \
    'and names the libraries'

everything=yes
fake autoreconf
fake getconf 3
cat >configure <<EOT
#!$bin/sh
echo "configure \$*" >>"$work/calls"
EOT
chmod +x configure
boot --prefix=/opt/x 'CFLAGS=-O2 -g'
is "$(grep -vE '^(id|getconf)' "$work/calls")" "autoreconf -fi
configure -q --prefix=/opt/x CFLAGS=-O2 -g
make -s -j3" 'it configures with the arguments left, and builds'

# Homebrew keeps its curl apart, and on a new machine it is not there before.
everything=no
cat >"$bin/brew" <<EOT
#!$bin/sh
case \$1 in
--prefix) echo "$work/keg" ;;
install) $(command -v mkdir) -p "$work/keg/lib/pkgconfig" ;;
esac
EOT
chmod +x "$bin/brew"
cat >configure <<EOT
#!$bin/sh
echo "configure with \$PKG_CONFIG_PATH" >>"$work/calls"
EOT
boot
like "$calls" "configure with $work/keg/lib/pkgconfig" \
    'a library that brew keeps apart is found as soon as it is there'

done_testing
