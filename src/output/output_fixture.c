/* SPDX-License-Identifier: MIT */
#include "output/output_fixture.h"

#include <stdio.h>

#include "base/clock.h"

/* ---- the events ---- */

static unsigned
number(sv word)
{
	unsigned n = 0;

	for (size_t i = 0; i < word.n; i++)
		n = n * 10 + (unsigned)(word.p[i] - '0');
	return n;
}

static sv
next_word(sv *rest)
{
	sv word;

	sv_cut(*rest, ' ', &word, rest);
	return word;
}

static struct run_call *
stage_call(struct stage *s, sv id)
{
	if (sv_is(id, "-"))
		return NULL;
	if (number(id) >= s->calls.n)
		BUG("no call of that number: %.*s", SV_ARG(id));
	return s->calls.v[number(id)];
}

static void
stage_emit(struct stage *s, struct event ev)
{
	struct sink sink = output_sink(s->o);

	ev.at_ns = s->now_ns;
	sink.event(sink.ctx, &ev);
	if (s->also.event != NULL)
		s->also.event(s->also.ctx, &ev);
}

static void
play_call(struct stage *s, sv id, sv rest)
{
	struct run_call *c = arena_new_of(s->a, struct run_call);
	struct ctask *t = arena_new_of(s->a, struct ctask);

	c->id = number(id);
	c->name = sv_cstr(s->a, next_word(&rest));
	c->task_name = c->called_name = c->name;
	c->parent = rest.n > 0 ? stage_call(s, rest) : NULL;
	c->err = (struct err)ERR_INIT;
	c->exit_status = -1;
	c->created_ns = s->now_ns;
	c->attempts = 1;
	c->ctask = t;
	t->name = t->full_name = t->prefix = c->name;
	t->vars = value_map_new(s->a, GO_MAP);
	value_map_set(s->a, t->vars, SV("TASK"), value_cstr(c->name));
	if (s->row->secret != NULL)
		secrets_add(s->secrets, sv_of(s->row->secret));
	while (s->calls.n <= c->id) {
		vec_push(s->a, &s->calls, NULL);
		vec_push(s->a, &s->specs, (struct job_spec){ 0 });
	}
	s->calls.v[c->id] = c;
	stage_emit(s, (struct event){ .kind = EVENT_CALL_CREATED, .call = c });
}

static struct event_job
job_of(const struct run_call *c)
{
	return (struct event_job){ .writes_itself = c->ctask->interactive };
}

static void
play_job(struct stage *s, struct run_call *c)
{
	struct event_job job = job_of(c);
	struct job_spec *spec = &s->specs.v[c->id];

	*spec = (struct job_spec){ 0 };
	spec->in.kind = spec->out.kind = spec->err.kind = STDIO_INHERIT;
	spec->here = s->row->alone;
	output_stdio(s->o, c, NULL, spec);
	c->jobs++;
	if (c->start_ns == 0)
		c->start_ns = s->now_ns;
	stage_emit(s, (struct event){ .kind = EVENT_JOB_STARTED,
			  .call = c,
			  .job = &job });
}

static const char *
kind_name(enum stdio_kind kind)
{
	static const char *const names[] = { "null", "inherit", "fd", "pipe",
		"pty", "stdout" };

	return names[kind];
}

static void
play_wired(struct stage *s, const struct run_call *c, sv rest)
{
	const struct job_spec *spec = &s->specs.v[c->id];
	const char *is = arena_printf(s->a, "%s %s%s%s",
	    kind_name(spec->out.kind), kind_name(spec->err.kind),
	    s->row->alone ? " in " : "",
	    s->row->alone ? kind_name(spec->in.kind) : "");

	if (!sv_is(rest, is) && s->wrong == NULL)
		s->wrong = arena_printf(s->a, "%s is wired %s", c->name, is);
}

/* As the job's streams lead. */
static void
play_output(struct stage *s, struct run_call *c, int stream, sv bytes)
{
	const struct job_spec *spec = &s->specs.v[c->id];
	const struct job_stdio *to = stream == 2 ? &spec->err : &spec->out;

	if (to->kind == STDIO_STDOUT) {
		stream = 1;
		to = &spec->out;
	}
	if (to->kind == STDIO_FD)
		assert_true(write_all(to->fd, bytes.p, bytes.n));
	else if (to->kind == STDIO_INHERIT)
		assert_true(write_all(stream, bytes.p, bytes.n));
	else
		stage_emit(s, (struct event){ .kind = EVENT_OUTPUT,
				  .call = c,
				  .stream = stream,
				  .bytes = bytes });
}

static void
play_lines(struct stage *s, struct run_call *c, sv rest)
{
	struct sb text cleanup_sb = SB_INIT;
	unsigned from = number(next_word(&rest));

	for (; from <= number(rest); from++)
		sb_printf(&text, "%u\n", from);
	play_output(s, c, 1, sb_sv(&text));
}

static void
play_exit(struct stage *s, struct run_call *c, sv rest)
{
	struct job_result r = { .status = (int)number(rest),
		.error = ERR_INIT };
	struct event_job job = job_of(c);

	c->job_ns += s->now_ns - c->start_ns;
	if (r.status != 0)
		c->exit_status = r.status;
	stage_emit(s, (struct event){ .kind = EVENT_JOB_DONE,
			  .call = c,
			  .job = &job,
			  .status = r.status,
			  .result = &r });
}

static enum outcome
outcome_of(sv word)
{
	for (int i = 0; i <= OUTCOME_CANCELLED; i++) {
		const char *name = outcome_name((enum outcome)i);
		size_t k = 0;

		while (k < word.n && (word.p[k] == name[k] ||
			(word.p[k] == '-' && name[k] == ' ')))
			k++;
		if (k == word.n && name[k] == '\0')
			return (enum outcome)i;
	}
	BUG("no outcome: %.*s", SV_ARG(word));
}

static void
play_done(struct stage *s, struct run_call *c, sv rest)
{
	c->outcome = outcome_of(next_word(&rest));
	c->end_ns = s->now_ns;
	if (rest.n > 0 && c->outcome == OUTCOME_NOT_RUN)
		c->skip_detail = sv_cstr(s->a, rest);
	else if (rest.n > 0)
		err_set(&c->err, ERR_GENERIC, "%.*s", SV_ARG(rest));
	stage_emit(s, (struct event){ .kind = EVENT_CALL_DONE, .call = c });
}

static enum event_kind
kind_of(sv word)
{
	for (int i = 0; i < EVENT_COUNT; i++)
		if (sv_is(word, event_name((enum event_kind)i)))
			return (enum event_kind)i;
	BUG("no event: %.*s", SV_ARG(word));
}

/* A second text stands behind " | ", a reason is told by its place. */
static void
play_say(struct stage *s, enum event_kind kind, struct run_call *c, sv rest)
{
	int status = (int)number(next_word(&rest));
	struct event ev = { .kind = kind, .call = c, .status = status,
		.reason = (enum skip_reason)status };
	ptrdiff_t bar = sv_find(rest, SV(" | "), 0);

	ev.text = sv_cstr(s->a, sv_sub(rest, 0, bar < 0 ? SIZE_MAX
							 : (size_t)bar));
	if (bar >= 0)
		ev.text2 = sv_cstr(s->a, sv_sub(rest, (size_t)bar + 3,
		    SIZE_MAX));
	stage_emit(s, ev);
}

static void
on_script_write(void *arg, int stream, sv bytes)
{
	(void)arg;
	dprintf(STDOUT_FILENO, "script %d: %.*s", stream, SV_ARG(bytes));
}

static void
play_is(struct stage *s, struct run_call *c, sv rest)
{
	sv fact = next_word(&rest);
	struct ctask *t = (struct ctask *)c->ctask;

	if (sv_is(fact, "interactive")) {
		t->interactive = true;
	} else if (sv_is(fact, "scripted")) {
		s->streams = (struct call_streams){ .fds = { 0, 1, 2 },
			.write = on_script_write };
		c->streams = &s->streams;
	} else if (sv_is(fact, "twin")) {
		c->twin = stage_call(s, rest);
	} else if (sv_is(fact, "cause")) {
		c->cause = stage_call(s, rest);
	} else if (sv_is(fact, "phase")) {
		c->is_phase = true;
	} else if (sv_is(fact, "named")) {
		struct task *task = task_new(s->a);

		vec_push(s->a, &task->cmds, cmd_new(s->a));
		c->task = task;
	} else if (sv_is(fact, "excused")) {
		c->excused = true;
	} else if (sv_is(fact, "flaky")) {
		c->flaky = true;
		c->attempts = 2;
	} else if (sv_is(fact, "killed")) {
		c->signal = 9;
	} else if (sv_is(fact, "waited")) {
		c->slot_wait_ns = number(rest) * NS_PER_MS;
	} else {
		BUG("no fact: %.*s", SV_ARG(fact));
	}
}

static void
play_text(struct stage *s, struct run_call *c, int stream, sv text,
    const char *end)
{
	play_output(s, c, stream, sv_of(arena_printf(s->a, "%.*s%s",
	    SV_ARG(text), end)));
}

static void
play_echo(struct stage *s, struct run_call *c, sv text, bool quiet)
{
	stage_emit(s, (struct event){ .kind = EVENT_CMD_ECHO,
			  .call = c,
			  .text = sv_cstr(s->a, text),
			  .quiet = quiet });
}

/* Behind the verb and the call. */
static void
play_verb(struct stage *s, sv verb, struct run_call *c, sv rest)
{
	if (sv_is(verb, "start"))
		stage_emit(s, (struct event){ .kind = EVENT_CALL_STARTED,
				  .call = c });
	else if (sv_is(verb, "echo") || sv_is(verb, "quiet"))
		play_echo(s, c, rest, sv_is(verb, "quiet"));
	else if (sv_is(verb, "job"))
		play_job(s, c);
	else if (sv_is(verb, "wired"))
		play_wired(s, c, rest);
	else if (sv_is(verb, "out") || sv_is(verb, "err"))
		play_text(s, c, sv_is(verb, "out") ? 1 : 2, rest, "\n");
	else if (sv_is(verb, "part") || sv_is(verb, "epart"))
		play_text(s, c, sv_is(verb, "part") ? 1 : 2, rest, "");
	else if (sv_is(verb, "lines"))
		play_lines(s, c, rest);
	else if (sv_is(verb, "exit"))
		play_exit(s, c, rest);
	else if (sv_is(verb, "done"))
		play_done(s, c, rest);
	else if (sv_is(verb, "is"))
		play_is(s, c, rest);
	else
		BUG("no verb: %.*s", SV_ARG(verb));
}

static void
play_line(struct stage *s, sv line)
{
	sv verb = next_word(&line), id = next_word(&line);

	if (sv_is(verb, "after"))
		s->now_ns += number(id) * NS_PER_MS;
	else if (sv_is(verb, "call"))
		play_call(s, id, line);
	else if (sv_is(verb, "say"))
		play_say(s, kind_of(id), stage_call(s, next_word(&line)), line);
	else
		play_verb(s, verb, stage_call(s, id), line);
}

void
stage_play(struct stage *s, const char *script)
{
	sv rest = sv_of(script), line;

	while (rest.n > 0) {
		sv_cut(rest, '\n', &line, &rest);
		play_line(s, line);
	}
}

/* ---- the stage ---- */

static struct output_config
stage_config(struct stage *s)
{
	const struct show *row = s->row;

	return (struct output_config){
		.ci = row->ci,
		.is_log = !row->is_value,
		.has_many = !row->is_alone,
		.mode = output_mode_find(row->mode ? row->mode : "interleaved"),
		.group_begin = row->begin,
		.group_end = row->end,
		.group_error_only = row->error_only,
		.silent = row->silent,
		.verbose = row->verbose,
		.compat = row->compat,
		.dry = row->dry,
		.run_dir = row->no_logs ? NULL : &s->dir,
		.stdin_is_tty = row->alone,
		.stdout_is_tty = row->on_terminal,
		.stderr_is_tty = row->err_on_terminal,
		.captures_all = row->captures_all,
		.templater = templater_new(s->a, tmpl_env_system()),
		.temp_dir = s->tree.dir,
		.secrets = s->secrets,
		.term = &s->term,
	};
}

void
stage_open(struct stage *s, const struct show *row)
{
	struct output_config c;

	*s = (struct stage){ .row = row, .tree = tree_new(),
		.now_ns = NS_PER_S };
	s->a = s->tree.a;
	s->dir = (struct run_dir)RUN_DIR_INIT;
	s->dir.path = s->tree.dir;
	s->secrets = secrets_new();
	fixture_term(s->a, &s->term, row->color);
	s->term.ascii = row->ascii;
	c = stage_config(s);
	assert_non_null(c.mode);
	s->o = output_new(&c);
}

/* A run fails by its named tasks. */
struct run_result
stage_result(struct stage *s)
{
	struct run_result r = { .calls = s->calls.v + 1,
		.n = s->calls.n - 1,
		.err = ERR_INIT,
		.start_ns = NS_PER_S,
		.end_ns = s->now_ns };

	for (size_t i = 0; i < r.n; i++)
		if (r.calls[i]->parent == NULL &&
		    outcome_is_bad(r.calls[i]->outcome))
			r.err.code = ERR_TASK_FAILED;
	return r;
}

void
stage_close(struct stage *s)
{
	for (size_t i = 1; i < s->calls.n; i++)
		if (s->calls.v[i] != NULL)
			err_clear(&s->calls.v[i]->err);
	output_free(s->o);
	secrets_free(s->secrets);
	tree_cleanup(&s->tree);
}

/* ---- rows ---- */

static void
replace(struct arena *a, const char **text, const char *from, const char *to)
{
	struct sb out cleanup_sb = SB_INIT;
	sv rest = sv_of(*text);
	ptrdiff_t at;

	while ((at = sv_find(rest, sv_of(from), 0)) >= 0) {
		sb_addv(&out, sv_sub(rest, 0, (size_t)at));
		sb_adds(&out, to);
		rest = sv_sub(rest, (size_t)at + strlen(from), SIZE_MAX);
	}
	sb_addv(&out, rest);
	*text = sv_cstr(a, sb_sv(&out));
}

/* "section_start:1700000000:" has T in place of the time. */
static void
hide_times(struct arena *a, const char **text)
{
	static const char *const marks[] = { "section_start:",
		"section_end:" };

	for (size_t i = 0; i < 2; i++) {
		const char *at = strstr(*text, marks[i]);
		size_t n;

		if (at == NULL)
			continue;
		at += strlen(marks[i]);
		n = strspn(at, "0123456789");
		if (n >= 10)
			replace(a, text, arena_strndup(a, at, n), "T");
	}
}

static void
show_row(const struct show *row)
{
	struct stage s;
	struct caught c;
	const char *out, *err;

	stage_open(&s, row);
	catch_begin(&c, row->merged);
	stage_play(&s, row->script);
	if (row->rerun != NULL) {
		struct run_result r = stage_result(&s);

		output_summary(s.o, &r, row->rerun);
	}
	catch_end(&c, s.a, &out, &err);
	replace(s.a, &out, s.dir.path, "RUN");
	replace(s.a, &err, s.dir.path, "RUN");
	hide_times(s.a, &out);
	assert_row(row->says, "the wiring", s.wrong ? s.wrong : "", "");
	assert_row(row->says, "stdout", out, row->out ? row->out : "");
	assert_row(row->says, "stderr", err, row->err ? row->err : "");
	if (row->log != NULL) {
		const char *path = output_log_of(s.o, s.calls.v[1]).path;

		assert_row(row->says, "the log",
		    path ? tree_read(&s.tree, path) : "", row->log);
	}
	stage_close(&s);
}

void
show_rows(const struct show *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		show_row(&rows[i]);
}
