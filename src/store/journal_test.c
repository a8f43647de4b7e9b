/* SPDX-License-Identifier: MIT */
#include "store/journal.h"

#include "tree.h"

/* ---- what is written is read, every field of the table ---- */

/* A value of its own for each field. */
static void
fill_field(struct arena *a, const struct journal_field *f, char *at, int n)
{
	switch (f->kind) {
	case JOURNAL_COUNT:
		*(unsigned *)(void *)at = (unsigned)n;
		break;
	case JOURNAL_INT:
		*(int64_t *)(void *)at = INT64_C(1) << 40 | n;
		break;
	case JOURNAL_NUMBER:
	case JOURNAL_EXIT:
		*(int *)(void *)at = n;
		break;
	case JOURNAL_BOOL:
		*(bool *)(void *)at = true;
		break;
	case JOURNAL_TEXT:
	case JOURNAL_PLAIN:
		*(const char **)(void *)at =
		    arena_printf(a, "%s \"%d\" \t\\ \xc3\xa4", f->key, n);
		break;
	case JOURNAL_WORDS:
		vec_push(a, (journal_words *)(void *)at, f->key);
		vec_push(a, (journal_words *)(void *)at, "");
		break;
	}
}

static void
fill(struct arena *a, enum journal_line line, void *object)
{
	const struct journal_object *def = journal_lines[line].object;

	for (size_t i = 0; i < def->n; i++)
		fill_field(a, &def->fields[i],
		    (char *)object + def->fields[i].at, (int)i + 1);
}

static void
assert_same_field(const struct journal_field *f, const char *x, const char *y)
{
	const journal_words *v = (const void *)x, *w = (const void *)y;

	switch (f->kind) {
	case JOURNAL_COUNT:
		assert_int_equal(*(const unsigned *)(const void *)x,
		    *(const unsigned *)(const void *)y);
		break;
	case JOURNAL_INT:
		assert_int_equal(*(const int64_t *)(const void *)x,
		    *(const int64_t *)(const void *)y);
		break;
	case JOURNAL_NUMBER:
	case JOURNAL_EXIT:
		assert_int_equal(*(const int *)(const void *)x,
		    *(const int *)(const void *)y);
		break;
	case JOURNAL_BOOL:
		assert_true(*(const bool *)x == *(const bool *)y);
		break;
	case JOURNAL_TEXT:
	case JOURNAL_PLAIN:
		assert_string_equal(*(const char *const *)(const void *)x,
		    *(const char *const *)(const void *)y);
		break;
	case JOURNAL_WORDS:
		assert_int_equal(v->n, w->n);
		for (size_t i = 0; i < v->n; i++)
			assert_string_equal(v->v[i], w->v[i]);
		break;
	}
}

static void
assert_same(enum journal_line line, const void *x, const void *y)
{
	const struct journal_object *def = journal_lines[line].object;

	for (size_t i = 0; i < def->n; i++)
		assert_same_field(&def->fields[i],
		    (const char *)x + def->fields[i].at,
		    (const char *)y + def->fields[i].at);
}

struct sample {
	struct journal_run run;
	struct journal_call call;
	struct journal_job job;
	struct journal_end end;
};

/* A whole run, every field set; call and job have number 1. */
static void
sample_write(struct arena *a, const char *path, struct sample *s)
{
	struct err e = ERR_INIT;
	struct journal *j = journal_new();

	*s = (struct sample){ .run = { 0 } };
	fill(a, JOURNAL_LINE_RUN, &s->run);
	fill(a, JOURNAL_LINE_CALL, &s->call);
	fill(a, JOURNAL_LINE_JOB, &s->job);
	fill(a, JOURNAL_LINE_END, &s->end);
	assert_true(journal_open(j, path, &e));
	journal_add_run(j, &s->run);
	journal_add_call(j, JOURNAL_LINE_CALL, &s->call);
	journal_add_call(j, JOURNAL_LINE_START, &s->call);
	journal_add_job(j, JOURNAL_LINE_JOB, &s->job);
	journal_add_job(j, JOURNAL_LINE_JOB_END, &s->job);
	journal_add_call(j, JOURNAL_LINE_CALL_END, &s->call);
	journal_add_end(j, &s->end);
	assert_true(journal_close(j, &e));
}

static void
every_field_is_read_as_it_was_written(void **state)
{
	struct tree t cleanup_tree = tree_new();
	const char *path = tree_path(&t, "events.jsonl");
	struct err e = ERR_INIT;
	struct journal_log l;
	struct sample s;

	(void)state;
	sample_write(t.a, path, &s);
	assert_true(journal_read(t.a, path, &l, &e));
	assert_true(l.has_run && l.has_end);
	assert_int_equal(l.calls.n, 1);
	assert_int_equal(l.jobs.n, 1);
	assert_same(JOURNAL_LINE_RUN, &s.run, &l.run);
	assert_same(JOURNAL_LINE_CALL, &s.call, &l.calls.v[0]);
	assert_same(JOURNAL_LINE_JOB, &s.job, &l.jobs.v[0]);
	assert_same(JOURNAL_LINE_END, &s.end, &l.end);
	assert_int_equal(
	    l.read_bytes, (int64_t)strlen(tree_read(&t, "events.jsonl")));
}

/* A field that no line has would be written never. */
static void
every_field_is_in_a_line(void **state)
{
	(void)state;
	for (int i = 0; i < JOURNAL_LINE_COUNT; i++)
		for (size_t k = 0; k < journal_lines[i].object->n; k++) {
			unsigned lines =
				     journal_lines[i].object->fields[k].lines,
				 own = 0;

			for (int m = 0; m < JOURNAL_LINE_COUNT; m++)
				if (journal_lines[m].object ==
				    journal_lines[i].object)
					own |= 1U << m;
			assert_int_not_equal(lines, 0);
			assert_int_equal(lines & ~own, 0);
		}
}

/* P-1205: what is killed at any moment has left what it knew; and who reads on
 * has all in the end. */
static void
torn_anywhere_it_tells_what_it_has(void **state)
{
	struct tree t cleanup_tree = tree_new();
	const char *path = tree_path(&t, "events.jsonl");
	const char *part = tree_path(&t, "part");
	struct err e = ERR_INIT;
	struct sample s;
	const char *all;
	size_t size, lines = 0;

	(void)state;
	sample_write(t.a, path, &s);
	all = tree_read(&t, "events.jsonl");
	size = strlen(all);
	for (size_t n = 0; n <= size; n++) {
		struct journal_log l;

		lines += n > 0 && all[n - 1] == '\n';
		tree_file(&t, "part", arena_strndup(t.a, all, n));
		assert_true(journal_read(t.a, part, &l, &e));
		assert_true(l.has_run == (lines > 0));
		assert_int_equal(l.calls.n, lines > 1);
		assert_int_equal(l.jobs.n, lines > 3);
		assert_true(l.has_end == (lines > 6));
		if (lines > 1) {
			const struct journal_call *c = &l.calls.v[0];

			assert_string_equal(c->task, s.call.task);
			assert_int_equal(c->start_ns, s.call.start_ns);
			assert_true(journal_call_has_ended(c) == (lines > 5));
		}
		if (lines > 3)
			assert_int_equal(l.jobs.v[0].exit_status,
			    lines > 4 ? s.job.exit_status : -1);
		tree_file(&t, "part", all);
		assert_true(journal_read_more(t.a, part, &l, &e));
		assert_int_equal(l.read_bytes, (int64_t)size);
		assert_same(JOURNAL_LINE_CALL, &s.call, &l.calls.v[0]);
		assert_same(JOURNAL_LINE_JOB, &s.job, &l.jobs.v[0]);
		assert_same(JOURNAL_LINE_END, &s.end, &l.end);
	}
	assert_int_equal(lines, 7);
}

/* What earlier versions have left on disks. */
static void
format_1_is_read(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct err e = ERR_INIT;
	const struct journal_call *c;
	struct journal_log l;

	(void)state;
	tree_file(&t, "j",
	    "{\"ev\":\"run\",\"format\":1,\"id\":\"20261121-094617-123456\","
	    "\"root\":\"/r\",\"cwd\":\"/r/c\",\"version\":\"0.1.0\","
	    "\"argv\":[\"-v\",\"all\"],\"tasks\":[\"all\"],\"at\":5}\n"
	    "{\"ev\":\"call\",\"id\":2,\"parent\":1,\"name\":\"a\","
	    "\"task\":\"a\",\"key\":\"a\",\"status\":\"failed\","
	    "\"error\":\"exit status 3\",\"log\":\"logs/0002-a.log\","
	    "\"created\":10,\"start\":20,\"end\":90,\"slot_wait\":3,"
	    "\"job_time\":60,\"cpu\":7,\"max_rss\":4096,\"exit\":3,"
	    "\"jobs\":1,\"attempts\":1,\"dep\":true,\"phase\":true}\n"
	    "{\"ev\":\"call\",\"id\":1,\"name\":\"all\",\"task\":\"all\","
	    "\"key\":\"all\",\"status\":\"not run\",\"reason\":\"a\","
	    "\"cause\":2,\"end\":95,\"attempts\":1}\n"
	    "{\"ev\":\"end\",\"end\":99,\"exit\":201,\"rerun\":[\"a\"]}\n");
	assert_true(journal_read(t.a, tree_path(&t, "j"), &l, &e));
	assert_int_equal(l.run.format, 1);
	assert_string_equal(l.run.argv.v[1], "all");
	assert_int_equal(l.run.slots, 0);
	assert_int_equal(l.run.pid, 0);
	assert_int_equal(l.jobs.n, 0);
	assert_int_equal(l.calls.n, 2);
	c = &l.calls.v[1];
	assert_true(journal_call_has_ended(c));
	assert_int_equal(c->id, 2);
	assert_int_equal(c->parent, 1);
	assert_string_equal(c->error, "exit status 3");
	assert_string_equal(c->log, "logs/0002-a.log");
	assert_int_equal(c->created_ns, 10);
	assert_int_equal(c->end_ns, 90);
	assert_int_equal(c->job_ns, 60);
	assert_int_equal(c->max_rss_bytes, 4096);
	assert_int_equal(c->exit_status, 3);
	assert_true(c->is_dep && c->is_phase && !c->is_background);
	c = &l.calls.v[0];
	assert_string_equal(c->reason, "a");
	assert_string_equal(c->log, "");
	assert_int_equal(c->cause, 2);
	assert_int_equal(c->exit_status, -1);
	assert_int_equal(l.end.exit_status, 201);
	assert_string_equal(l.end.rerun.v[0], "a");
}

/* P-902: the history needs no more of jobs. */
static void
jobs_can_be_left_out(void **state)
{
	struct tree t cleanup_tree = tree_new();
	const char *path = tree_path(&t, "j");
	struct err e = ERR_INIT;
	struct journal_log l, all;

	(void)state;
	tree_file(&t, "j",
	    "{\"ev\":\"run\",\"format\":2,\"id\":\"x\"}\n"
	    "{\"ev\":\"call\",\"id\":1,\"name\":\"job\",\"task\":\"a\"}\n"
	    "{\"ev\":\"job\",\"id\":1,\"call\":1,\"start\":5}\n"
	    "{\"ev\":\"job_end\",\"id\":1,\"call\":1,\"end\":6,\"exit\":0}\n"
	    "{\"ev\":\"job_end\",\"id\":2,\"call\":1,\"error\":\"no shell\"}\n"
	    "{\"ev\":\"call_end\",\"id\":1,\"status\":\"passed\",\"jobs\":2}\n"
	    "{\"ev\":\"end\",\"end\":99}\n");
	assert_true(journal_read(t.a, path, &all, &e));
	assert_true(journal_read_calls(t.a, path, &l, &e));
	assert_true(l.has_run && l.has_end);
	assert_int_equal(l.calls.n, 1);
	assert_string_equal(l.calls.v[0].name, "job");
	assert_int_equal(l.calls.v[0].jobs, 2);
	assert_int_equal(all.jobs.v[0].end_ns, 6);
	assert_int_equal(l.jobs.n, 2);
	assert_int_equal(l.jobs.v[0].id, 0);
	assert_int_equal(l.jobs.v[0].end_ns, 0);
	assert_string_equal(l.jobs.v[1].error, "no shell");
}

/* All that was read, as lines. */
static const char *
lines_of(struct tree *t, const char *text)
{
	struct sb b cleanup_sb = SB_INIT;
	struct err e = ERR_INIT;
	struct journal_log l;

	tree_file(t, "j", text);
	assert_true(journal_read(t->a, tree_path(t, "j"), &l, &e));
	if (l.has_run)
		journal_add_line(&b, JOURNAL_LINE_RUN, &l.run);
	for (size_t i = 0; i < l.calls.n; i++) {
		journal_add_line(&b, JOURNAL_LINE_CALL, &l.calls.v[i]);
		journal_add_line(&b, JOURNAL_LINE_CALL_END, &l.calls.v[i]);
	}
	for (size_t i = 0; i < l.jobs.n; i++) {
		journal_add_line(&b, JOURNAL_LINE_JOB, &l.jobs.v[i]);
		journal_add_line(&b, JOURNAL_LINE_JOB_END, &l.jobs.v[i]);
	}
	for (size_t i = 0; i < l.samples.n; i++)
		journal_add_line(&b, JOURNAL_LINE_MACHINE, &l.samples.v[i]);
	if (l.has_end)
		journal_add_line(&b, JOURNAL_LINE_END, &l.end);
	return sb_take(&b, t->a).p;
}

/* Lines as the writer makes them go past the JSON library, which a blank does
 * not; both have to see the same. */
static void
plain_lines_are_read_as_the_library_reads_them(void **state)
{
	static const char *const lines[] = {
		"\"ev\":\"call\",\"id\":1,\"name\":\"x\",\"dep\":true}",
		"\"ev\":\"call\",\"id\":1,\"name\":\"\",\"created\":-5}",
		"\"ev\":\"call\",\"id\":1,\"id\":2,\"name\":\"twice\"}",
		"\"ev\":\"call\",\"name\":\"order\",\"id\":1}",
		"\"ev\":\"call\",\"id\":1,\"what\":3,\"name\":\"y\"}",
		"\"ev\":\"call\",\"id\":01,\"name\":\"zero\"}",
		"\"ev\":\"call\",\"id\":\"1\",\"name\":\"text\"}",
		"\"ev\":\"call\",\"id\":true,\"name\":\"bool\"}",
		"\"ev\":\"call\",\"id\":1,\"name\":\"x\"},",
		"\"ev\":\"call\",\"id\":1,\"name\":\"x\",}",
		"\"ev\":\"call\",\"id\":1,\"name\":\"x\"}}",
		"\"ev\":\"call\",\"id\":1,\"name\":\"\\u00e4\\n\"}",
		"\"ev\":\"call\",\"id\":1,\"name\":\"\xc3\xa4\"}",
		"\"ev\":\"call\",\"id\":1,\"name\":\"\xff\"}",
		"\"ev\":\"call\",\"id\":1,\"created\":1.5}",
		"\"ev\":\"call\",\"id\":1,\"created\":1e3}",
		"\"ev\":\"call\",\"id\":1,\"created\":-}",
		"\"ev\":\"call\",\"id\":1,\"created\":-0}",
		"\"ev\":\"call\",\"id\":1,\"created\":9223372036854775807}",
		"\"ev\":\"call\",\"id\":1,\"created\":999999999999999999}",
		"\"ev\":\"call\",\"id\":1,\"created\":9223372036854775808}",
		"\"ev\":\"call\",\"id\":1,\"dep\":trueish}",
		"\"ev\":\"call\",\"id\":1,\"dep\":false}",
		"\"ev\":\"call\",\"id\":1,\"dep\":null,\"name\":\"n\"}",
		"\"ev\":\"call_end\",\"id\":2,\"exit\":0,\"signal\":9}",
		"\"ev\":\"run\",\"id\":\"r\",\"argv\":[\"a\",\"\",\"b c\"]}",
		"\"ev\":\"run\",\"id\":\"r\",\"argv\":[],\"serial\":true}",
		"\"ev\":\"run\",\"id\":\"r\",\"argv\":[\"a\",7]}",
		"\"ev\":\"run\",\"id\":\"r\",\"argv\":[\"a\",]}",
		"\"ev\":\"run\",\"id\":\"r\",\"argv\":\"a\"}",
		"\"ev\":\"job\",\"id\":1,\"call\":1,\"slot\":2}",
		"\"ev\":\"machine\",\"time\":3,\"cpu\":4}",
		"\"ev\":\"end\",\"end\":3,\"exit\":0,\"rerun\":[\"x\"]}",
		"\"ev\":\"end\"}",
		"\"ev\":\"end\"",
		"\"ev\":\"later\",\"id\":1}",
		"\"ev\":",
	};
	struct tree t cleanup_tree = tree_new();
	size_t told = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const char *plain = arena_concat(t.a, "{", lines[i], "\n", NULL);
		const char *blank =
		    arena_concat(t.a, "{ ", lines[i], "\n", NULL);
		const char *want = lines_of(&t, blank);

		told += *want != '\0';
		if (strcmp(lines_of(&t, plain), want) != 0)
			fail_msg("%s: got %s want %s", lines[i],
			    lines_of(&t, plain), want);
	}
	assert_true(told > 15);
}

static void
torn_and_foreign_lines_are_passed_over(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct err e = ERR_INIT;
	struct journal_log l;

	(void)state;
	tree_file(&t, "j",
	    "{\"ev\":\"run\",\"id\":\"r\"}\n"
	    "not json\n[]\n{}\n{\"ev\":7}\n{\"ev\":\"later\"}\n"
	    "{\"ev\":\"dropped\",\"lines\":3}\n"
	    "{\"ev\":\"call\",\"id\":4000000000}\n"
	    "{\"ev\":\"call\",\"id\":-3}\n"
	    "{\"ev\":\"call\",\"id\":9999999,\"name\":5}\n"
	    "{\"ev\":\"job\",\"id\":4000000000}\n{\"ev\":\"job\",\"call\":1}\n"
	    "{\"ev\":\"job_end\",\"id\":2,\"exit\":-4,\"slot\":-1,\"cpu\":"
	    "\"x\"}\n"
	    "{\"ev\":\"call\",\"id\":1,\"name\":\"x\",\"exit\":\"y\"}\n"
	    "{\"ev\":\"end\",\"exit\":0}");
	assert_true(journal_read(t.a, tree_path(&t, "j"), &l, &e));
	assert_true(l.has_run);
	assert_false(l.has_end);
	assert_int_equal(l.calls.n, 1);
	assert_string_equal(l.calls.v[0].name, "x");
	assert_int_equal(l.calls.v[0].exit_status, -1);
	assert_int_equal(l.jobs.n, 2);
	assert_int_equal(l.jobs.v[0].id, 0);
	assert_string_equal(l.jobs.v[0].log, "");
	assert_int_equal(l.jobs.v[1].id, 2);
	assert_int_equal(l.jobs.v[1].slot, 0);
	assert_int_equal(l.jobs.v[1].exit_status, -1);
	assert_false(journal_read(t.a, tree_path(&t, "none"), &l, &e));
	err_clear(&e);
}

static void
texts_are_bounded_and_stay_utf_8(void **state)
{
	struct sb long_text cleanup_sb = SB_INIT;
	struct journal_end end = { .error = "x\ty\xff" };
	struct sb line cleanup_sb = SB_INIT;

	(void)state;
	journal_add_line(&line, JOURNAL_LINE_END, &end);
	assert_string_equal(sb_cstr(&line),
	    "{\"ev\":\"end\",\"exit\":0,\"error\":\"x\\ty\xef\xbf\xbd\"}\n");
	for (size_t before = 4090; before < 4100; before++) {
		const char *p;

		sb_clear(&line);
		sb_clear(&long_text);
		sb_pad(&long_text, 'x', before);
		sb_adds(&long_text, "\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac");
		end.error = sb_cstr(&long_text);
		journal_add_line(&line, JOURNAL_LINE_END, &end);
		p = strchr(sb_cstr(&line), 'x') + 1; /* of "exit" */
		p = strstr(p, "xxx");
		assert_true(strlen(p) <= 4096 + strlen("\"}\n"));
		assert_true(strlen(p) > 4090);
		/* no half of a character, which would be written as U+FFFD */
		assert_null(strstr(p, "\xef\xbf\xbd"));
	}
}

static void
keep_lines(void *ctx, sv lines)
{
	sb_addv(ctx, lines);
}

/* The file has what the listener has; nothing stays behind for long, however
 * much is told without a pause. */
static void
lines_are_written_together_and_told(void **state)
{
	struct tree t cleanup_tree = tree_new();
	struct sb told cleanup_sb = SB_INIT;
	struct journal_call c = { .id = 1, .name = "a", .exit_status = -1 };
	struct err e = ERR_INIT;
	struct journal *j = journal_new();

	(void)state;
	assert_true(journal_open(j, tree_path(&t, "j"), &e));
	journal_tell(j, keep_lines, &told);
	journal_add_call(j, JOURNAL_LINE_CALL, &c);
	journal_add_call(j, JOURNAL_LINE_START, &c);
	assert_string_equal(tree_read(&t, "j"), "");
	assert_int_equal(told.n, 0);
	journal_flush(j);
	assert_string_equal(sb_cstr(&told),
	    "{\"ev\":\"call\",\"id\":1,\"name\":\"a\"}\n"
	    "{\"ev\":\"start\",\"id\":1,\"name\":\"a\"}\n");
	assert_string_equal(tree_read(&t, "j"), sb_cstr(&told));
	journal_flush(j);
	for (c.id = 2; c.id < 5000; c.id++)
		journal_add_call(j, JOURNAL_LINE_CALL, &c);
	assert_true(told.n > 100000);
	assert_true(journal_close(j, &e));
	assert_string_equal(tree_read(&t, "j"), sb_cstr(&told));
	/* without a file the listener still hears */
	sb_clear(&told);
	j = journal_new();
	journal_tell(j, keep_lines, &told);
	journal_add_call(j, JOURNAL_LINE_START, &c);
	assert_true(journal_close(j, &e));
	assert_string_equal(
	    sb_cstr(&told), "{\"ev\":\"start\",\"id\":5000,\"name\":\"a\"}\n");
	assert_true(journal_close(NULL, &e));
}

static void
a_full_disk_is_told(void **state)
{
	struct journal_end end = { 0 };
	struct err e = ERR_INIT;
	struct journal *j;

	(void)state;
	if (access("/dev/full", W_OK) != 0)
		skip();
	j = journal_new();
	assert_true(journal_open(j, "/dev/full", &e));
	journal_add_end(j, &end);
	journal_add_end(j, &end);
	assert_false(journal_close(j, &e));
	assert_string_equal(
	    e.message, "write /dev/full: no space left on device");
	err_clear(&e);
	j = journal_new();
	assert_false(journal_open(j, "/dev/null/x", &e));
	assert_string_equal(e.message, "open /dev/null/x: not a directory");
	err_clear(&e);
	journal_add_end(j, &end);
	assert_true(journal_close(j, &e));
}

int
test_store_journal(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_is_read_as_it_was_written),
		cmocka_unit_test(every_field_is_in_a_line),
		cmocka_unit_test(torn_anywhere_it_tells_what_it_has),
		cmocka_unit_test(format_1_is_read),
		cmocka_unit_test(jobs_can_be_left_out),
		cmocka_unit_test(plain_lines_are_read_as_the_library_reads_them),
		cmocka_unit_test(torn_and_foreign_lines_are_passed_over),
		cmocka_unit_test(texts_are_bounded_and_stay_utf_8),
		cmocka_unit_test(lines_are_written_together_and_told),
		cmocka_unit_test(a_full_disk_is_told),
	};

	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
