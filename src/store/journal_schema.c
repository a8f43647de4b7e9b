/* SPDX-License-Identifier: MIT */
/* The JSON schema of the journal's lines, out of the table of their fields. */
#include "store/journal.h"

#include "go/json.h"

static const char *
schema_type(enum journal_kind kind)
{
	switch (kind) {
	case JOURNAL_COUNT:
	case JOURNAL_NUMBER:
		return "\"type\": \"integer\", \"minimum\": 1";
	case JOURNAL_INT:
	case JOURNAL_EXIT:
		return "\"type\": \"integer\", \"minimum\": 0";
	case JOURNAL_BOOL:
		return "\"const\": true";
	case JOURNAL_TEXT:
	case JOURNAL_PLAIN:
		return "\"type\": \"string\", \"minLength\": 1";
	case JOURNAL_WORDS:
		return "\"type\": \"array\", \"items\": {\"type\": \"string\"}";
	}
	BUG("kind %d", (int)kind);
}

static void
schema_line(struct sb *out, enum journal_line line)
{
	const struct journal_line_def *def = &journal_lines[line];
	const char *id = "";

	sb_adds(out, "    {\n      \"description\": ");
	json_quote(out, sv_of(def->text), false);
	sb_printf(out,
	    ",\n      \"type\": \"object\",\n      \"properties\": {\n"
	    "        \"ev\": {\"const\": \"%s\"}",
	    def->ev);
	for (size_t i = 0; i < def->object->n; i++) {
		const struct journal_field *f = &def->object->fields[i];

		if (!(f->lines & 1U << line))
			continue;
		if (strcmp(f->key, "id") == 0)
			id = ", \"id\"";
		sb_printf(out,
		    ",\n        \"%s\": {%s, \"description\": ", f->key,
		    schema_type(f->kind));
		json_quote(out, sv_of(f->text), false);
		sb_addc(out, '}');
	}
	sb_printf(out,
	    "\n      },\n      \"required\": [\"ev\"%s%s],\n"
	    "      \"additionalProperties\": false\n    }",
	    line == JOURNAL_LINE_RUN ? ", \"format\"" : "", id);
}

void
journal_schema(struct sb *out)
{
	sb_printf(out,
	    "{\n"
	    "  \"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"
	    "  \"title\": \"A line of prun --events and of events.jsonl, "
	    "format %d\",\n"
	    "  \"description\": \"Times are nanoseconds since the start of the "
	    "run, but for at.  What is 0, empty or false is left out.\",\n"
	    "  \"oneOf\": [\n",
	    JOURNAL_FORMAT);
	for (int i = 0; i < JOURNAL_LINE_COUNT; i++) {
		if (i > 0)
			sb_adds(out, ",\n");
		schema_line(out, (enum journal_line)i);
	}
	sb_adds(out, "\n  ]\n}\n");
}
