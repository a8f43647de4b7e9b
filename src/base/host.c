/* SPDX-License-Identifier: MIT */
#include "base/host.h"

#include <errno.h>
#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

const char *
host_os(void)
{
#if defined(__ANDROID__)
	return "android";
#elif defined(__linux__)
	return "linux";
#elif defined(__APPLE__)
	return "darwin";
#elif defined(__FreeBSD__)
	return "freebsd";
#elif defined(__NetBSD__)
	return "netbsd";
#elif defined(__OpenBSD__)
	return "openbsd";
#elif defined(__DragonFly__)
	return "dragonfly";
#elif defined(__illumos__)
	return "illumos";
#elif defined(__sun)
	return "solaris";
#else
	return "";
#endif
}

const char *
host_arch(void)
{
#if defined(__x86_64__)
	return "amd64";
#elif defined(__aarch64__)
	return "arm64";
#elif defined(__i386__)
	return "386";
#elif defined(__arm__)
	return "arm";
#elif defined(__riscv) && __riscv_xlen == 64
	return "riscv64";
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return "ppc64le";
#elif defined(__powerpc64__)
	return "ppc64";
#elif defined(__s390x__)
	return "s390x";
#elif defined(__loongarch64)
	return "loong64";
#elif defined(__mips64) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return "mips64le";
#elif defined(__mips64)
	return "mips64";
#else
	return "";
#endif
}

char *
host_pid_space(struct arena *a)
{
	char text[64];
	ssize_t n = readlink("/proc/self/ns/pid", text, sizeof(text));

	return arena_strndup(a, text, n > 0 ? (size_t)n : 0);
}

bool
process_is_there(long pid)
{
	return pid > 0 && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}
