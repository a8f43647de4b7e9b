dnl SPDX-License-Identifier: MIT

dnl PRUN_MISSING(MODULE, PACKAGES)
dnl Ends configure with the name of the package on the systems we know.
AC_DEFUN([PRUN_MISSING], [
AC_MSG_ERROR([the library $1 is missing.

Install it with your package manager:
  $2
or let ./bootstrap install everything that prun needs.])
])

dnl PRUN_LIBRARY(PREFIX, MODULE, ARCHIVES, PACKAGES)
dnl Finds a library with pkg-config.  Unless --with-shared-libs is given, the
dnl static archive is linked where one is installed: a shared library costs
dnl about 80 us at every start.
AC_DEFUN([PRUN_LIBRARY], [
AC_REQUIRE([PRUN_SHARED_LIBS])
PKG_CHECK_MODULES([$1], [$2], [], [PRUN_MISSING([$2], [$4])])
AS_IF([test "x$with_shared_libs" != xyes], [
	prun_dir=`$PKG_CONFIG --variable=libdir $2`
	for prun_archive in $3; do
		AS_IF([test -f "$prun_dir/$prun_archive"], [
			prun_name=`echo $prun_archive | $SED -e 's/^lib//' -e 's/_a\.a$//' -e 's/\.a$//'`
			prun_rest=
			for prun_word in `$PKG_CONFIG --libs --static $2`; do
				AS_CASE([$prun_word],
				    [-L*], [],
				    ["-l$prun_name"], [],
				    [prun_rest="$prun_rest $prun_word"])
			done
			$1_LIBS="$prun_dir/$prun_archive$prun_rest"
			break
		])
	done
])
])

AC_DEFUN([PRUN_SHARED_LIBS], [
AC_ARG_WITH([shared-libs], [AS_HELP_STRING([--with-shared-libs],
    [link the shared libraries even where static ones are installed])],
    [], [with_shared_libs=no])
])

dnl PRUN_FLAG(VARIABLE, FLAG): adds FLAG to VARIABLE when compiler and linker
dnl take it without a warning.
AC_DEFUN([PRUN_FLAG], [
AS_VAR_PUSHDEF([prun_cache], [prun_cv_flag_$2])
AC_CACHE_CHECK([whether $CC takes $2], [prun_cache], [
	prun_save=$CFLAGS
	CFLAGS="$CFLAGS -Werror $2"
	AC_LINK_IFELSE([AC_LANG_PROGRAM()],
	    [AS_VAR_SET([prun_cache], [yes])], [AS_VAR_SET([prun_cache], [no])])
	CFLAGS=$prun_save
])
AS_VAR_IF([prun_cache], [yes], [$1="$$1 $2"])
AS_VAR_POPDEF([prun_cache])
])

dnl PRUN_COMPILER_FLAGS: sets WARN_CFLAGS, HARDEN_CFLAGS and HARDEN_LDFLAGS.
AC_DEFUN([PRUN_COMPILER_FLAGS], [
AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror],
    [make warnings errors])], [], [enable_werror=no])
AC_ARG_ENABLE([sanitize], [AS_HELP_STRING([--enable-sanitize],
    [build with the address and undefined-behaviour sanitizers])],
    [], [enable_sanitize=no])
AC_ARG_ENABLE([gcov], [AS_HELP_STRING([--enable-gcov],
    [build for coverage])], [], [enable_gcov=no])
WARN_CFLAGS=
m4_foreach_w([prun_flag], [-std=gnu11 -Wall -Wextra -Wshadow
    -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef
    -Wwrite-strings -Wno-dangling-else -Wno-format-nonliteral],
    [PRUN_FLAG([WARN_CFLAGS], prun_flag)])
AS_IF([test "x$enable_werror" = xyes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
HARDEN_CFLAGS=
HARDEN_LDFLAGS=
dnl A static archive names libraries that prun may never call; each would be
dnl loaded at every start.
AS_CASE([$host_os],
    [darwin*], [PRUN_FLAG([HARDEN_LDFLAGS], [-Wl,-dead_strip_dylibs])],
    [PRUN_FLAG([HARDEN_LDFLAGS], [-Wl,--as-needed])])
AS_IF([test "x$enable_sanitize" = xyes], [
	prun_sanitize="-fsanitize=address,undefined -fno-sanitize-recover=all"
	HARDEN_CFLAGS="$prun_sanitize -fno-omit-frame-pointer -g"
	HARDEN_LDFLAGS="$HARDEN_LDFLAGS $prun_sanitize"
	AC_DEFINE([PRUN_SANITIZE], [1], [Built with sanitizers])
], [
	m4_foreach_w([prun_flag], [-fstack-protector-strong
	    -fstack-clash-protection -fcf-protection],
	    [PRUN_FLAG([HARDEN_CFLAGS], prun_flag)])
	PRUN_FLAG([HARDEN_LDFLAGS], [-Wl,-z,relro])
	PRUN_FLAG([HARDEN_LDFLAGS], [-Wl,-z,now])
	AS_CASE([" $CFLAGS "], [*" -O"@<:@123sz@:>@" "*],
	    [PRUN_FLAG([HARDEN_CFLAGS], [-D_FORTIFY_SOURCE=2])])
])
AS_IF([test "x$enable_gcov" = xyes], [
	HARDEN_CFLAGS="$HARDEN_CFLAGS --coverage"
	HARDEN_LDFLAGS="$HARDEN_LDFLAGS --coverage"
])
AM_CONDITIONAL([PRUN_SANITIZE], [test "x$enable_sanitize" = xyes])
AC_SUBST([WARN_CFLAGS])
AC_SUBST([HARDEN_CFLAGS])
AC_SUBST([HARDEN_LDFLAGS])
])

dnl PRUN_STATIC_LIBC: links prun with the static C library where there is one and
dnl all other libraries are archives: without the dynamic linker a start takes
dnl two thirds of the time.  Names of users and hosts then come from getent(1).
AC_DEFUN([PRUN_STATIC_LIBC], [
AC_ARG_ENABLE([static-libc], [AS_HELP_STRING([--disable-static-libc],
    [link the shared C library even where there is a static one])],
    [], [enable_static_libc=auto])
AS_IF([test "x$enable_linux$enable_sanitize$enable_gcov$with_shared_libs" != xyesnonono],
    [enable_static_libc=no])
AS_IF([test "x$enable_static_libc" != xno], [
	AC_MSG_CHECKING([whether prun can be linked statically])
	prun_save_libs=$LIBS prun_save_flags=$LDFLAGS
	LIBS="$YAML_LIBS $PCRE2_LIBS $XXHASH_LIBS $UV_LIBS $JANSSON_LIBS $INIH_LIBS $SQLITE_LIBS $MD_LIBS $LIBS"
	STATIC_LDFLAGS="-static-pie -Wl,--wrap=dlopen -Wl,--wrap=getpwuid_r"
	LDFLAGS="$LDFLAGS $STATIC_LDFLAGS"
	AC_LINK_IFELSE([AC_LANG_SOURCE([
char yaml_get_version(), pcre2_config_8(), XXH_versionNumber(), uv_version(),
    json_object(), ini_parse(), SHA256Update();
char (*const used@<:@@:>@)() = { yaml_get_version, pcre2_config_8,
    XXH_versionNumber, uv_version, json_object, ini_parse, SHA256Update };
int main(int argc, char **argv)
{
	return used@<:@argc % 7@:>@ == 0;
}])], [prun_static=yes], [prun_static=no])
	LIBS=$prun_save_libs LDFLAGS=$prun_save_flags
	AC_MSG_RESULT([$prun_static])
	AS_IF([test "x$prun_static" = xno && test "x$enable_static_libc" = xyes],
	    [AC_MSG_ERROR([--enable-static-libc: not all libraries are there as archives])])
	enable_static_libc=$prun_static
])
AS_IF([test "x$enable_static_libc" = xyes], [
	AC_DEFINE([PRUN_STATIC], [1], [prun is linked with the static C library])
], [STATIC_LDFLAGS=])
AC_SUBST([STATIC_LDFLAGS])
AM_CONDITIONAL([PRUN_STATIC], [test "x$enable_static_libc" = xyes])
])

dnl PRUN_REPRODUCIBLE_DIST: with GNU tar a tarball depends on nothing but the
dnl files in it and SOURCE_DATE_EPOCH.
AC_DEFUN([PRUN_REPRODUCIBLE_DIST], [
AC_MSG_CHECKING([whether tar can sort])
AS_IF([tar --sort=name --version >/dev/null 2>&1], [
	AC_MSG_RESULT([yes])
	AC_SUBST([am__tar], ['tar --format=ustar --sort=name --owner=0 --group=0 --numeric-owner --mode=go-w --mtime="@$${SOURCE_DATE_EPOCH:-0}" -chf - "$$tardir"'])
], [AC_MSG_RESULT([no])])
])
