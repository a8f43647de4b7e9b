/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "output/prompt.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "exec/foreground.h"

/* Nobody has written for so long: the question can be seen again. */
#define QUIET_NS (300 * NS_PER_MS)
#define TAKEN_NS (100 * NS_PER_MS)

static void prompt_show(struct prompt *p);

static void
on_quiet(void *arg)
{
	struct prompt *p = arg;

	p->timer = NULL;
	prompt_show(p);
}

static void
show_later(struct prompt *p, int64_t ns)
{
	loop_timer_stop(p->loop, &p->timer);
	p->timer = loop_timer(p->loop, ns, on_quiet, p);
}

/* What others write begins a line of its own, and the question comes again
 * below it. */
static void
make_room(void *ctx)
{
	struct prompt *p = ctx;

	if (p->before != NULL)
		p->before(p->before_ctx);
	if (!p->asks_again || !p->is_asked)
		return;
	if (!p->is_left)
		write_all(STDOUT_FILENO, "\n", 1);
	p->is_left = true;
	show_later(p, QUIET_NS);
}

static void
hook_in(struct prompt *p)
{
	p->before = p->term->before;
	p->before_ctx = p->term->ctx;
	p->term->before = make_room;
	p->term->ctx = p;
	p->term->asking = true;
}

void
prompt_stop(struct prompt *p)
{
	if (p->text == NULL)
		return;
	p->text = NULL;
	loop_timer_stop(p->loop, &p->timer);
	loop_hear(p->loop, &p->ear, false);
	if (p->is_watched)
		loop_unwatch(p->loop, STDIN_FILENO);
	p->term->before = p->before;
	p->term->ctx = p->before_ctx;
	p->term->asking = false;
}

static void
on_byte(void *arg, int fd)
{
	struct prompt *p = arg;
	char c;
	ssize_t n = read(fd, &c, 1);
	int answer;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	answer = term_answer_add(&p->answer, n == 1 ? (unsigned char)c : -1);
	if (answer == TERM_ANSWER_GOES_ON)
		return;
	prompt_stop(p);
	p->told(p->arg, answer);
}

static void
prompt_show(struct prompt *p)
{
	/* the input is the job's as well */
	if (loop_terminal_is_taken(p->loop)) {
		show_later(p, TAKEN_NS);
		return;
	}
	/* signals of the terminal are heard before the user sees what to
	 * answer */
	if (!p->is_watched)
		loop_watch(p->loop, STDIN_FILENO, on_byte, p);
	p->is_watched = true;
	p->is_asked = p->is_left = false;
	term_ask_begin(p->term, p->text);
	p->is_asked = true;
}

/* Who reads a terminal from the background is stopped; so are the jobs. */
static void
on_prompt_told(void *arg, int sig)
{
	struct prompt *p = arg;

	if (sig != SIGCONT)
		return;
	if (foreground_is_ours(STDIN_FILENO))
		prompt_show(p);
	else
		raise(SIGTSTP);
}

void
prompt_ask(struct prompt *p, const char *text,
    void (*told)(void *arg, int answer), void *arg)
{
	p->text = text;
	p->told = told;
	p->arg = arg;
	p->answer = (struct term_answer){ 0 };
	p->is_asked = p->is_left = p->is_watched = false;
	p->ear = (struct group_owner){ .fn = on_prompt_told, .arg = p };
	loop_hear(p->loop, &p->ear, true);
	hook_in(p);
	prompt_show(p);
	if (!foreground_is_ours(STDIN_FILENO))
		raise(SIGTSTP);
}
