/* SPDX-License-Identifier: MIT */
/*
 * The kind `json`: all that the journal has, in one object, and what follows
 * from it.  Fields and schema come from the journal's own tables.
 */
#include "report/kind.h"

#include <inttypes.h>

#include "go/json.h"

enum {
	REPORT_FORMAT = 1
};

/* Nothing where the field says nothing; as in the journal. */
static void
json_value(struct sb *out, const struct journal_field *f, const void *at)
{
	const journal_words *words;

	switch (f->kind) {
	case JOURNAL_COUNT:
		sb_printf(out, "%u", *(const unsigned *)at);
		break;
	case JOURNAL_INT:
		sb_printf(out, "%" PRId64, *(const int64_t *)at);
		break;
	case JOURNAL_NUMBER:
	case JOURNAL_EXIT:
		sb_printf(out, "%d", *(const int *)at);
		break;
	case JOURNAL_BOOL:
		sb_adds(out, "true");
		break;
	case JOURNAL_TEXT:
	case JOURNAL_PLAIN:
		json_quote(out, sv_of(*(const char *const *)at), false);
		break;
	case JOURNAL_WORDS:
		words = at;
		sb_addc(out, '[');
		for (size_t i = 0; i < words->n; i++) {
			sb_adds(out, i > 0 ? ", " : "");
			json_quote(out, sv_of(words->v[i]), false);
		}
		sb_addc(out, ']');
		break;
	}
}

static bool
says_nothing(const struct journal_field *f, const void *at)
{
	const char *text;

	switch (f->kind) {
	case JOURNAL_COUNT:
		return *(const unsigned *)at == 0;
	case JOURNAL_INT:
		return *(const int64_t *)at == 0;
	case JOURNAL_NUMBER:
		return *(const int *)at == 0;
	case JOURNAL_EXIT:
		return *(const int *)at < 0;
	case JOURNAL_BOOL:
		return !*(const bool *)at;
	case JOURNAL_TEXT:
	case JOURNAL_PLAIN:
		text = *(const char *const *)at;
		return text == NULL || *text == '\0';
	case JOURNAL_WORDS:
		return ((const journal_words *)at)->n == 0;
	}
	return true;
}

/* The fields of an object; returns how many. */
static size_t
json_fields(struct sb *out, enum journal_line line, const void *object)
{
	const struct journal_object *def = journal_lines[line].object;
	const char *base = object;
	size_t n = 0;

	for (size_t i = 0; i < def->n; i++) {
		const struct journal_field *f = &def->fields[i];

		if (says_nothing(f, base + f->at))
			continue;
		sb_printf(out, "%s\"%s\": ", n++ > 0 ? ", " : "", f->key);
		json_value(out, f, base + f->at);
	}
	return n;
}

static void
json_call(struct sb *out, const struct picture *p, const struct journal_call *c)
{
	const struct call_facts *f = &p->facts[c->id - 1];

	sb_adds(out, "    {");
	json_fields(out, JOURNAL_LINE_CALL, c);
	sb_printf(out, ", \"own_time\": %" PRId64 ", \"root\": %u", f->own_ns,
	    f->root);
	if (f->on_path)
		sb_adds(out, ", \"critical\": true");
	if (*c->status == '\0')
		sb_adds(out, ", \"unfinished\": true");
	sb_addc(out, '}');
}

static void
json_path(struct sb *out, const struct picture *p)
{
	sb_adds(out, "  \"critical_path\": [");
	for (size_t i = 0; i < p->path.n; i++) {
		const struct path_part *part = &p->path.v[i];

		sb_printf(out,
		    "%s\n    {\"call\": %u, \"job\": %u, \"from\": %" PRId64
		    ", \"to\": %" PRId64 "}",
		    i > 0 ? "," : "", part->call, part->job, part->from_ns,
		    part->to_ns);
	}
	sb_adds(out, "\n  ]\n}\n");
}

bool
report_json(struct arena *a, const struct picture *p, const char *target,
    struct sb *out, struct err *e)
{
	const struct journal_call *c;
	const struct journal_job *j;
	const struct journal_sample *s;
	const char *between = "\n";

	(void)a, (void)target, (void)e;
	sb_printf(out, "{\n  \"report\": %d,\n  \"verdict\": \"%s\",\n",
	    REPORT_FORMAT, p->verdict);
	sb_printf(out,
	    "  \"wall_time\": %" PRId64 ",\n  \"job_time\": %" PRId64 ",\n",
	    p->wall_ns, p->busy_ns);
	sb_adds(out, "  \"run\": {");
	json_fields(out, JOURNAL_LINE_RUN, &p->log->run);
	sb_adds(out, "},\n  \"end\": {");
	json_fields(out, JOURNAL_LINE_END, &p->log->end);
	sb_adds(out, "},\n  \"calls\": [");
	vec_each(&p->log->calls, c) {
		if (c->id == 0)
			continue;
		sb_adds(out, between);
		json_call(out, p, c);
		between = ",\n";
	}
	sb_adds(out, "\n  ],\n  \"jobs\": [");
	between = "\n    {";
	vec_each(&p->log->jobs, j) {
		if (j->id == 0)
			continue;
		sb_adds(out, between);
		json_fields(out, JOURNAL_LINE_JOB, j);
		sb_addc(out, '}');
		between = ",\n    {";
	}
	sb_adds(out, "\n  ],\n  \"machine\": [");
	between = "\n    {";
	vec_each(&p->log->samples, s) {
		sb_adds(out, between);
		json_fields(out, JOURNAL_LINE_MACHINE, s);
		sb_addc(out, '}');
		between = ",\n    {";
	}
	sb_adds(out, "\n  ],\n");
	json_path(out, p);
	return true;
}

void
report_json_text(struct arena *a, const struct report_run *run, struct sb *out)
{
	struct err none cleanup_err = ERR_INIT;
	struct picture p;

	picture_make(a, run, &p);
	report_json(a, &p, "-", out, &none);
}

/* ---- the schema ---- */

static const char *
json_type(enum journal_kind kind)
{
	switch (kind) {
	case JOURNAL_COUNT:
	case JOURNAL_NUMBER:
	case JOURNAL_INT:
	case JOURNAL_EXIT:
		return "\"type\": \"integer\"";
	case JOURNAL_BOOL:
		return "\"const\": true";
	case JOURNAL_TEXT:
	case JOURNAL_PLAIN:
		return "\"type\": \"string\"";
	case JOURNAL_WORDS:
		return "\"type\": \"array\", \"items\": {\"type\": \"string\"}";
	}
	return "";
}

/* `more`: fields that the journal has not. */
static void
schema_object(struct sb *out, enum journal_line line, const char *more)
{
	const struct journal_object *def = journal_lines[line].object;

	sb_adds(out, "{\"type\": \"object\", \"properties\": {\n");
	for (size_t i = 0; i < def->n; i++) {
		sb_printf(out,
		    "      \"%s\": {%s, \"description\": ", def->fields[i].key,
		    json_type(def->fields[i].kind));
		json_quote(out, sv_of(def->fields[i].text), false);
		sb_printf(
		    out, "}%s\n", i + 1 < def->n || *more != '\0' ? "," : "");
	}
	sb_printf(out, "%s    }, \"additionalProperties\": false}", more);
}

void
report_schema(struct sb *out)
{
	sb_printf(out,
	    "{\n"
	    "  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"
	    "  \"title\": \"prun --report json:FILE, format %d\",\n"
	    "  \"description\": \"Times are nanoseconds since the start of "
	    "the run, but for at; what is 0, empty or false is left out. A "
	    "run that was killed has no end.\",\n"
	    "  \"type\": \"object\",\n"
	    "  \"required\": [\"report\", \"verdict\", \"run\", \"end\", "
	    "\"calls\", \"jobs\", \"critical_path\"],\n"
	    "  \"additionalProperties\": false,\n"
	    "  \"properties\": {\n"
	    "    \"report\": {\"const\": %d},\n"
	    "    \"verdict\": {\"enum\": [\"passed\", \"failed\", "
	    "\"unfinished\", \"running\"]},\n"
	    "    \"wall_time\": {\"type\": \"integer\"},\n"
	    "    \"job_time\": {\"type\": \"integer\", \"description\": "
	    "\"sum over all jobs\"},\n    \"run\": ",
	    REPORT_FORMAT, REPORT_FORMAT);
	schema_object(out, JOURNAL_LINE_RUN, "");
	sb_adds(out, ",\n    \"end\": ");
	schema_object(out, JOURNAL_LINE_END, "");
	sb_adds(out, ",\n    \"calls\": {\"type\": \"array\", \"items\": ");
	schema_object(out, JOURNAL_LINE_CALL,
	    "      \"own_time\": {\"type\": \"integer\", \"description\": "
	    "\"of its jobs, without the calls of its scripts\"},\n"
	    "      \"root\": {\"type\": \"integer\", \"description\": \"id of "
	    "the requested call above it\"},\n"
	    "      \"critical\": {\"const\": true},\n"
	    "      \"unfinished\": {\"const\": true}\n");
	sb_adds(out, "},\n    \"jobs\": {\"type\": \"array\", \"items\": ");
	schema_object(out, JOURNAL_LINE_JOB, "");
	sb_adds(out, "},\n    \"machine\": {\"type\": \"array\", \"items\": ");
	schema_object(out, JOURNAL_LINE_MACHINE, "");
	sb_adds(out,
	    "},\n    \"critical_path\": {\"type\": \"array\", \"items\": "
	    "{\"type\": \"object\", \"properties\": {\n"
	    "      \"call\": {\"type\": \"integer\"},\n"
	    "      \"job\": {\"type\": \"integer\"},\n"
	    "      \"from\": {\"type\": \"integer\"},\n"
	    "      \"to\": {\"type\": \"integer\"}\n"
	    "    }, \"additionalProperties\": false}}\n  }\n}\n");
}
