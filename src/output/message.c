/* SPDX-License-Identifier: MIT */
/* go-task's lines for the events of a run (C-120 to C-127, M-40 to M-80). */
#include "output/internal.h"

#include <stdio.h>
#include <unistd.h>

#include "output/ask.h"

#define OUT STDOUT_FILENO
#define ERR STDERR_FILENO

static const char *
signal_name(int sig)
{
	static const struct {
		int sig;
		const char *name;
	} names[] = { { 1, "hangup" }, { 2, "interrupt" }, { 3, "quit" },
		{ 15, "terminated" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].sig == sig)
			return names[i].name;
	return "signal";
}

static void
skipped(struct output *o, const struct event *ev)
{
	const char *name = ev->call->name;
	struct arena *a cleanup_arena = arena_new();

	if (!o->c.verbose)
		return;
	switch (ev->reason) {
	case SKIP_PLATFORM:
		term_print(o->c.term, OUT, COLOR_YELLOW,
		    "task: %s not for current platform - ignored\n",
		    quote_go(a, sv_of(name)));
		break;
	case SKIP_IF:
		term_print(o->c.term, OUT, COLOR_YELLOW,
		    "task: if condition not met - skipped: %s\n",
		    quote_go(a, sv_of(name)));
		break;
	case SKIP_TWIN:
		term_print(o->c.term, ERR, COLOR_MAGENTA,
		    "task: skipping execution of task: %s\n", ev->text);
		break;
	case SKIP_NONE:
	case SKIP_CHANGED:
	case SKIP_EARLIER:
	case SKIP_DEP_FAILED:
	case SKIP_EARLIER_FAILED:
	case SKIP_CANCELLED:
		break;
	}
}

static void
cmd_skipped(struct output *o, const struct event *ev)
{
	const char *name = ev->call->name;

	if (!o->c.verbose)
		return;
	if (ev->reason == SKIP_PLATFORM)
		term_print(o->c.term, OUT, COLOR_YELLOW,
		    "task: [%s] %s not for current platform - ignored\n", name,
		    ev->text);
	else
		term_print(o->c.term, OUT, COLOR_YELLOW,
		    "task: [%s] if condition not met - skipped\n", name);
}

void
message_up_to_date(struct output *o, const struct event *ev, const char *name)
{
	struct arena *a cleanup_arena = arena_new();

	if (ev->quiet)
		return;
	term_print(o->c.term, ERR, COLOR_MAGENTA,
	    "task: Task %s is up to date\n", quote_go(a, sv_of(name)));
}

static void
up_to_date(struct output *o, const struct event *ev)
{
	message_up_to_date(o, ev, ev->call->ctask->name);
}

static void
cached(struct output *o, const struct event *ev)
{
	if (ev->quiet)
		return;
	term_print(o->c.term, ERR, COLOR_MAGENTA,
	    "prun: task \"%s\" is from the cache: %s\n", ev->call->name,
	    ev->text);
}

static void
echo(struct output *o, const struct event *ev)
{
	const char *name = ev->call->name;

	if (ev->quiet)
		return;
	term_print(o->c.term, ERR, COLOR_GREEN, "task: [%s] %s\n", name,
	    ev->text);
}

/* Lines that only -v shows: "task: " and a quoted name in the middle. */
static void
about_call(struct output *o, enum color c, const char *name,
    const char *behind, const char *text)
{
	struct arena *a cleanup_arena = arena_new();

	if (o->c.verbose)
		term_print(o->c.term, ERR, c, "task: %s%s%s\n",
		    quote_go(a, sv_of(name)), behind, text);
}

static void
ignored(struct output *o, const char *what, const struct event *ev,
    const char *name)
{
	if (!o->c.verbose)
		return;
	if (name != NULL)
		term_print(o->c.term, ERR, COLOR_YELLOW, "task: [%s] %s: %s\n",
		    name, what, ev->text);
	else
		term_print(o->c.term, ERR, COLOR_YELLOW, "task: %s: %s\n", what,
		    ev->text);
}

void
output_dynamic_var(struct term *t, const char *cmd, const char *result)
{
	struct arena *a cleanup_arena = arena_new();

	term_print(t, ERR, COLOR_MAGENTA,
	    "task: dynamic variable: %s result: %s\n",
	    quote_go(a, sv_of(cmd)), quote_go(a, sv_of(result)));
}

static void
dynamic_var(struct output *o, const struct event *ev)
{
	if (o->c.verbose)
		output_dynamic_var(o->c.term, ev->text, ev->text2);
}

static void
call_started(struct output *o, const struct event *ev)
{
	about_call(o, COLOR_MAGENTA, ev->call->called_name, " started", "");
}

static void
call_finished(struct output *o, const struct event *ev)
{
	about_call(o, COLOR_MAGENTA, ev->call->called_name, " finished", "");
}

static void
message_call_failed(struct output *o, const struct event *ev)
{
	about_call(o, COLOR_RED, ev->call->called_name, " failed: ", ev->text);
}

static void
precondition(struct output *o, const struct event *ev)
{
	term_print(o->c.term, ERR, COLOR_MAGENTA, "task: %s\n", ev->text);
}

static void
status_cmd(struct output *o, const struct event *ev)
{
	if (!o->c.verbose)
		return;
	if (ev->status == 0)
		term_print(o->c.term, OUT, COLOR_YELLOW,
		    "task: status command %s exited zero\n", ev->text);
	else
		term_print(o->c.term, OUT, COLOR_YELLOW,
		    "task: status command %s exited non-zero: exit "
		    "status %d\n", ev->text, ev->status);
}

static void
cmd_ignored(struct output *o, const struct event *ev)
{
	ignored(o, "command error ignored", ev, ev->call->name);
}

static void
call_ignored(struct output *o, const struct event *ev)
{
	ignored(o, "task error ignored", ev, ev->call->name);
}

static void
task_ignored(struct output *o, const struct event *ev)
{
	ignored(o, "task error ignored", ev, NULL);
}

static void
defer_ignored(struct output *o, const struct event *ev)
{
	ignored(o, "ignored error in deferred cmd", ev, NULL);
}

static void
clean_failed(struct output *o, const struct event *ev)
{
	ignored(o, "error cleaning status on error", ev, NULL);
}

static void
mkdir_failed(struct output *o, const struct event *ev)
{
	term_print(o->c.term, ERR, COLOR_RED,
	    "task: cannot make directory \"%s\": %s\n", ev->text, ev->text2);
}

static void
prompt(struct output *o, const struct event *ev)
{
	if (ev->status == 1)
		term_print(o->c.term, OUT, COLOR_YELLOW,
		    "%s [assuming yes]\n", ev->text);
}

/* M-80; from the third on what runs is killed: M-81 */
static void
message_signalled(struct output *o, const struct event *ev)
{
	if (++o->signals < 3)
		term_print(o->c.term, OUT, COLOR_YELLOW,
		    "task: Signal received: \"%s\"\n",
		    signal_name(ev->status));
	else if (o->signals == 3)
		term_print(o->c.term, ERR, COLOR_RED,
		    "task: Signal received for the third time: \"%s\". "
		    "Forcing shutdown\n", signal_name(ev->status));
}

static void
note(struct output *o, const struct event *ev)
{
	if (!o->c.compat && !o->c.silent)
		term_print(o->c.term, ERR, COLOR_DEFAULT, "prun: %s\n",
		    ev->text);
}

static void
warning(struct output *o, const struct event *ev)
{
	term_print(o->c.term, ERR, COLOR_YELLOW, "prun: %s\n", ev->text);
}

static void
draining(struct output *o, const struct event *ev)
{
	if (!o->c.compat)
		term_print(o->c.term, ERR, COLOR_YELLOW,
		    "prun: [%s] what it left behind still holds its output "
		    "and is not waited for: %s\n", ev->call->name, ev->text);
}

static void
message_attempt_failed(struct output *o, const struct event *ev)
{
	if (!o->c.compat)
		term_print(o->c.term, ERR, COLOR_YELLOW,
		    "prun: [%s] attempt %d failed: %s\n", ev->call->name,
		    ev->status, ev->text);
}

/* The kinds that are told. */
static void (*const messages[EVENT_COUNT])(
    struct output *o, const struct event *ev) = {
	[EVENT_CALL_STARTED] = call_started,
	[EVENT_DYNAMIC_VAR] = dynamic_var,
	[EVENT_CMD_ECHO] = echo,
	[EVENT_UP_TO_DATE] = up_to_date,
	[EVENT_CACHED] = cached,
	[EVENT_TASK_SKIPPED] = skipped,
	[EVENT_CMD_SKIPPED] = cmd_skipped,
	[EVENT_PRECONDITION] = precondition,
	[EVENT_STATUS_CMD] = status_cmd,
	[EVENT_CMD_IGNORED] = cmd_ignored,
	[EVENT_CALL_IGNORED] = call_ignored,
	[EVENT_TASK_IGNORED] = task_ignored,
	[EVENT_DEFER_IGNORED] = defer_ignored,
	[EVENT_CLEAN_FAILED] = clean_failed,
	[EVENT_MKDIR_FAILED] = mkdir_failed,
	[EVENT_PROMPT] = prompt,
	[EVENT_SIGNAL] = message_signalled,
	[EVENT_NOTE] = note,
	[EVENT_WARNING] = warning,
	[EVENT_DRAINING] = draining,
	[EVENT_ATTEMPT_FAILED] = message_attempt_failed,
	[EVENT_CALL_FINISHED] = call_finished,
	[EVENT_CALL_FAILED] = message_call_failed,
};

void
message_event(struct output *o, const struct event *ev)
{
	if (messages[ev->kind] != NULL)
		messages[ev->kind](o, ev);
}

const char *
output_ask_var(void *output, struct arena *a, const char *name,
    const string_vec *allowed)
{
	struct output *o = output;

	return ask_value(a, o->c.term, name, allowed);
}
