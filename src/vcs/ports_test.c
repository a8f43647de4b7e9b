/* SPDX-License-Identifier: MIT */
#include "vcs/ports.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "unit.h"

#include "base/io.h"

static int
listen_on(int family, int port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)port),
		.sin6_addr = in6addr_loopback };
	int fd = socket(family, SOCK_STREAM, 0);

	if (fd < 0 ||
	    (family == AF_INET6
		    ? bind(fd, (const struct sockaddr *)&in6, sizeof(in6))
		    : bind(fd, (const struct sockaddr *)&in, sizeof(in))) !=
		0 ||
	    listen(fd, 1) != 0) {
		close_cleanup(&fd);
		return -1;
	}
	return fd;
}

/* P-803: free on both families, and nobody else's meanwhile. */
static void
ports_are_nobody_elses(void **state)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct err e cleanup_err = ERR_INIT;
	int first, other, fd, fd2;

	(void)state;
	assert_true(ports_take("seed", &first, &fd, &e));
	assert_true(ports_take("seed", &other, &fd2, &e));
	assert_true(other >= first + PORTS_EACH || other < first);
	close_cleanup(&fd2);
	close_cleanup(&fd);
	assert_true(ports_take("seed", &other, &fd, &e));
	assert_int_equal(other, first);
	close_cleanup(&fd);
	for (int i = 0; i < 2; i++) {
		int at = listen_on(families[i], first + i * (PORTS_EACH - 1));

		if (at < 0)
			continue; /* the machine has no such family */
		assert_true(ports_take("seed", &other, &fd, &e));
		assert_int_not_equal(other, first);
		close_cleanup(&fd);
		close_cleanup(&at);
	}
}

int
test_vcs_ports(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_are_nobody_elses),
	};

	return cmocka_run_group_tests_name("vcs/ports", tests, NULL, NULL);
}
