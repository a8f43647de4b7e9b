/* SPDX-License-Identifier: MIT */
#include "fingerprint/recipe.h"

#include <ctype.h>
#include <inttypes.h>

#include "base/path.h"
#include "fingerprint/called.h"
#include "fingerprint/content.h"

/* Names that change from run to run without meaning anything. */
static const char *const volatile_names[] = { "PATH", "PWD", "OLDPWD", "SHLVL",
	"RANDOM", "SECONDS", "LINENO", "_" };

/* Longer lists have an index. */
#define PARTS_LINEAR 12

/* Place of a part in the list and 1; 0: it is not there. */
static size_t
part_place(const part_vec *v, const char *kind, const char *name)
{
	if (v->index != NULL)
		return (size_t)(uintptr_t)map_get(
		    map_get(v->index, sv_of(kind)), sv_of(name));
	for (size_t i = 0; i < v->n; i++)
		if (strcmp(v->v[i].kind, kind) == 0 &&
		    strcmp(v->v[i].name, name) == 0)
			return i + 1;
	return 0;
}

static bool
has_part(const part_vec *v, const char *kind, const char *name)
{
	return part_place(v, kind, name) > 0;
}

/* Of equal ones the first counts. */
static void
put_in_index(struct arena *a, part_vec *v, size_t i)
{
	const struct part *p = &v->v[i];
	struct map *names;

	names = map_get(v->index, sv_of(p->kind));
	if (names == NULL) {
		names = map_new(a);
		map_put(v->index, sv_of(p->kind), names);
	}
	if (map_get(names, sv_of(p->name)) == NULL)
		map_put(names, sv_of(p->name), (void *)(uintptr_t)(i + 1));
}

static void
index_last(struct arena *a, part_vec *v)
{
	if (v->index != NULL) {
		put_in_index(a, v, v->n - 1);
		return;
	}
	if (v->n <= PARTS_LINEAR)
		return;
	v->index = map_new(a);
	for (size_t i = 0; i < v->n; i++)
		put_in_index(a, v, i);
}

static void
add_exact(struct sb *b, const char *kind, const char *name, sv text)
{
	if (b == NULL || strcmp(kind, "var") == 0)
		return;
	recipe_add_text(b, kind);
	recipe_add_text(b, name);
	sb_printf(b, "%zu:", text.n);
	sb_addv(b, text);
}

static void
add_part(
    struct arena *a, part_vec *out, const char *kind, const char *name, sv text)
{
	struct part p = { kind, name, hash64(text) };

	add_exact(out->exact, kind, name, text);
	vec_push(a, out, p);
	index_last(a, out);
}

/* ---- texts to hash ---- */

/* What is counted, between a sign in front of it ('\0': none) and one behind. */
static void
recipe_add_length(struct sb *b, char before, size_t n, char behind)
{
	if (before != '\0')
		sb_addc(b, before);
	sb_uint(b, n);
	sb_addc(b, behind);
}

void
recipe_add_text(struct sb *b, const char *s)
{
	if (s == NULL)
		s = "";
	recipe_add_length(b, '\0', strlen(s), ':');
	sb_adds(b, s);
}

static void
add_texts(struct sb *b, const string_vec *v)
{
	recipe_add_length(b, '[', v->n, ' ');
	for (size_t i = 0; i < v->n; i++)
		recipe_add_text(b, v->v[i]);
}

void
recipe_add_value(struct arena *a, struct sb *b, value v)
{
	sb_int(b, v.kind);
	sb_addc(b, '/');
	sb_int(b, v.type);
	sb_addc(b, ' ');
	switch ((enum value_kind)v.kind) {
	case VALUE_INVALID:
	case VALUE_NIL:
		break;
	case VALUE_BOOL:
		sb_addc(b, v.u.b ? 't' : 'f');
		break;
	case VALUE_INT:
	case VALUE_UINT:
	case VALUE_DURATION:
		sb_int(b, v.u.i);
		break;
	case VALUE_FLOAT:
		sb_printf(b, "%a", v.u.f);
		break;
	case VALUE_STRING:
		recipe_add_length(b, '\0', v.len, ':');
		sb_addv(b, value_text(v));
		break;
	case VALUE_TIME:
		sb_printf(b, "%" PRId64 ".%d", v.u.time->sec, v.u.time->nsec);
		break;
	case VALUE_LIST:
		recipe_add_length(b, '[', v.u.list->n, ' ');
		for (size_t i = 0; i < v.u.list->n; i++)
			recipe_add_value(a, b, v.u.list->v[i]);
		break;
	case VALUE_MAP: {
		const struct map_entry **sorted = value_map_sorted(a, v);
		size_t n = value_map_count(v);

		recipe_add_length(b, '{', n, ' ');
		for (size_t i = 0; i < n; i++) {
			recipe_add_text(b, sorted[i]->key.p);
			recipe_add_value(a, b, *(value *)sorted[i]->value);
		}
		break;
	}
	}
}

static void
recipe_add_var(struct arena *a, struct sb *b, const struct var *v)
{
	if (v->has_value)
		recipe_add_value(a, b, v->value);
	recipe_add_text(b, v->sh);
	recipe_add_text(b, v->ref);
}

void
recipe_add_vars(struct arena *a, struct sb *b, const vars *v)
{
	const struct map_entry **sorted;

	if (map_count(v) == 0)
		return;
	sorted = map_sorted(a, v);
	for (size_t i = 0; i < map_count(v); i++) {
		recipe_add_text(b, sorted[i]->key.p);
		recipe_add_var(a, b, sorted[i]->value);
	}
}

static void
recipe_add_cmd(struct arena *a, struct sb *b, const struct ccmd *c)
{
	/* A deferred entry gets its texts when it runs. */
	bool raw = c->defer && c->source != NULL;
	const int signs[] = { (int)c->kind, c->defer, c->ignore_error };

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		sb_int(b, signs[i]);
		sb_addc(b, ' ');
	}
	recipe_add_text(b, raw ? c->source->cmd : c->text);
	recipe_add_text(b, raw ? c->source->task : c->task);
	recipe_add_text(b, c->if_text);
	recipe_add_vars(a, b, raw ? c->source->vars : c->vars);
	recipe_add_value(a, b, c->loop_vars);
	add_texts(b, &c->set);
	add_texts(b, &c->shopt);
}

/* ---- environment that a command names ---- */

static const char *
recipe_env_value(char *const *env, sv name)
{
	for (; env != NULL && *env != NULL; env++)
		if (strncmp(*env, name.p, name.n) == 0 && (*env)[name.n] == '=')
			return *env + name.n + 1;
	return NULL;
}

static bool
is_volatile(const struct recipe_input *in, sv name)
{
	const char *const *more = in->ignored_env;

	for (size_t i = 0;
	     i < sizeof(volatile_names) / sizeof(volatile_names[0]); i++)
		if (sv_is(name, volatile_names[i]))
			return true;
	for (; more != NULL && *more != NULL; more++)
		if (sv_is(name, *more))
			return true;
	return false;
}

static void
add_env_name(
    struct arena *a, part_vec *out, const struct recipe_input *in, sv name)
{
	const char *text = recipe_env_value(in->task->env, name);
	char *copy;

	if (text == NULL || is_volatile(in, name))
		return;
	copy = sv_cstr(a, name);
	if (!has_part(out, "env", copy))
		add_part(a, out, "env", copy, sv_of(text));
}

/* $NAME and ${NAME…} of a text that reach the task from outside. */
static void
add_env_used(struct arena *a, part_vec *out, const struct recipe_input *in,
    const char *text)
{
	sv s = sv_of(text);

	for (size_t i = 0; i + 1 < s.n; i++) {
		size_t start = i + 1, end;

		if (s.p[i] != '$')
			continue;
		if (s.p[start] == '{')
			start++;
		for (end = start;
		     end < s.n &&
		     (s.p[end] == '_' || isalnum((unsigned char)s.p[end]));
		     end++)
			;
		if (end > start)
			add_env_name(a, out, in, sv_sub(s, start, end - start));
	}
}

/* ---- programs ---- */

static bool
is_tool_char(char c)
{
	return isalnum((unsigned char)c) || strchr("_./+-", c) != NULL;
}

/* Behind these another command begins. */
static bool
leads_to_command(sv word)
{
	static const char *const words[] = { "{", "!", "if", "then", "elif",
		"else", "while", "until", "do", "time", "exec", "command",
		"env", "nice", "nohup" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (sv_is(word, words[i]))
			return true;
	return false;
}

static bool
tool_sig(
    const struct recipe_input *in, const char *path, struct file_sig *sig)
{
	return in->look != NULL ? look_sig(in->look, path, sig)
				: file_sig_of(path, sig);
}

static void
add_tool_sign(struct arena *a, part_vec *out, const char *name,
    const struct file_sig *sig)
{
	struct sb b cleanup_sb = SB_INIT;

	sb_uint(&b, sig->size);
	sb_addc(&b, ' ');
	sb_int(&b, sig->mtime_ns);
	add_part(a, out, "tool", name, sb_sv(&b));
}

/* A plain program name can be looked up: state of the file it is now. */
static void
add_tool_file(struct arena *a, part_vec *out, const struct recipe_input *in,
    const char *name, const char *path)
{
	struct err e cleanup_err = ERR_INIT;
	struct file_sig sig;
	struct digest d;

	if (*path == '\0' || !tool_sig(in, path, &sig) || !sig.is_regular)
		return;
	if (out->exact != NULL) {
		/* a size and a time are not the same on every machine, and not
		 * all that there is to a program */
		struct sb sum cleanup_sb = SB_INIT;

		content_add(&sum, in->memo, path);
		add_part(a, out, "tool", name, sb_sv(&sum));
		return;
	}
	/* What lies on PATH is as good as its size and time; a script of the
	 * project is looked into. */
	if (strchr(name, '/') == NULL)
		add_tool_sign(a, out, name, &sig);
	else if (memo_digest_seen(in->memo, path, &sig, &d, &e))
		add_part(
		    a, out, "tool", name, (sv){ (const char *)&d, sizeof(d) });
}

/* Where the programs of a task are looked for. */
struct program_search {
	struct arena *a;
	const char *path;
};

static const char *
search_program(void *ctx, const char *name)
{
	const struct program_search *s = ctx;
	struct arena *a = s->a;
	sv path = sv_of(s->path), dir;

	while (path.n > 0) {
		struct file_sig sig;
		char *file;

		sv_cut(path, ':', &dir, &path);
		if (dir.n == 0)
			continue;
		file = path_join(a, dir, sv_of(name));
		if (file_sig_of(file, &sig) && sig.is_regular)
			return file;
	}
	return "";
}

/* Where a program is on PATH; "" where it is not. */
static const char *
tool_path(struct arena *a, const struct recipe_input *in, const char *name)
{
	const char *file =
	    in->programs != NULL ? map_get(in->programs, sv_of(name)) : NULL;
	struct program_search search = { .a = a };

	if (file != NULL)
		return file;
	search.path = recipe_env_value(in->task->env, SV("PATH"));
	if (search.path == NULL)
		file = "";
	else if (in->look != NULL)
		file = arena_strdup(a, look_program(in->look, search.path, name,
					   search_program, &search));
	else
		file = search_program(&search, name);
	if (in->programs != NULL)
		map_put(in->programs, sv_of(name), (char *)file);
	return file;
}

static void
add_tool(struct arena *a, part_vec *out, const struct recipe_input *in, sv word)
{
	const struct ctask *t = in->task;
	const char *name = sv_cstr(a, word);

	/* prun's own links differ from run to run. */
	if (strcmp(name, "task") == 0 || strcmp(name, "prun") == 0 ||
	    has_part(out, "tool", name))
		return;
	if (strchr(name, '/') != NULL) {
		const char *file = path_resolve(a, sv_of(t->dir), word);

		if (in->called != NULL)
			called_note_program(in->called, file);
		add_tool_file(a, out, in, name, file);
		return;
	}
	add_tool_file(a, out, in, name, tool_path(a, in, name));
}

/* First words of the simple commands of a script, as far as they can be told
 * without a shell's grammar: a word too many costs a look-up, no more. */
static void
recipe_add_tools(struct arena *a, part_vec *out, const struct recipe_input *in,
    const char *text)
{
	bool start = true;

	for (const char *p = text; *p != '\0';) {
		const char *word = p;
		size_t n = 0;

		if (strchr("\n;|&(", *p) != NULL) {
			start = true;
			p++;
			continue;
		}
		if (isspace((unsigned char)*p)) {
			p++;
			continue;
		}
		while (p[n] != '\0' && strchr(" \t\n;|&()", p[n]) == NULL)
			n++;
		if (n == 0) {
			p++;
			continue;
		}
		p += n;
		if (!start || memchr(word, '=', n) != NULL)
			continue; /* an argument, or VAR=value in front */
		start = leads_to_command((sv){ word, n });
		for (size_t i = 0; i < n; i++)
			if (!is_tool_char(word[i]))
				n = 0;
		if (n > 0)
			add_tool(a, out, in, (sv){ word, n });
	}
}

/* ---- the list ---- */

static void
add_commands(struct arena *a, const struct recipe_input *in, part_vec *out)
{
	const struct ctask *t = in->task;
	struct sb b cleanup_sb = SB_INIT;

	for (size_t i = 0; i < t->cmds.n; i++) {
		sb_clear(&b);
		recipe_add_cmd(a, &b, &t->cmds.v[i]);
		add_part(
		    a, out, "cmd", arena_printf(a, "%zu", i + 1), sb_sv(&b));
	}
}

static void
add_surroundings(struct arena *a, const struct recipe_input *in, part_vec *out)
{
	const struct ctask *t = in->task;
	struct err e cleanup_err = ERR_INIT;
	const struct map_entry *entry;
	char *dir;

	/* A project that moved as a whole is the same project. */
	if (!path_rel(a, sv_of(in->root_dir), sv_of(t->dir), &dir, &e))
		dir = arena_strdup(a, t->dir);
	add_part(a, out, "dir", ".", sv_of(dir));
	map_each(t->env_set, entry)
		add_part(a, out, "env", entry->key.p, sv_of(entry->value));
	for (size_t i = 0; i < t->cmds.n; i++) {
		const struct ccmd *c = &t->cmds.v[i];

		if (c->text == NULL)
			continue;
		add_env_used(a, out, in, c->text);
		recipe_add_tools(a, out, in, c->text);
	}
}

/* Variables that the task's own layers name, to say which one changed. */
static void
add_explaining_vars(
    struct arena *a, const struct ctask *t, part_vec *out, const vars *layer)
{
	const struct map_entry *e;
	struct sb b cleanup_sb = SB_INIT;

	map_each(layer, e) {
		if (has_part(out, "var", e->key.p))
			continue;
		sb_clear(&b);
		recipe_add_value(a, &b, value_map_get(t->vars, e->key));
		add_part(a, out, "var", e->key.p, sb_sv(&b));
	}
}

static void
add_deciding_vars(
    struct arena *a, part_vec *out, const char *kind, const vars *layer)
{
	const struct map_entry *e;
	struct sb b cleanup_sb = SB_INIT;

	map_each(layer, e) {
		sb_clear(&b);
		recipe_add_var(a, &b, e->value);
		add_part(a, out, kind, e->key.p, sb_sv(&b));
	}
}

bool
recipe_has_outputs(const struct ctask *t)
{
	for (size_t i = 0; i < t->generates.n; i++)
		if (!t->generates.v[i].negate)
			return true;
	return false;
}

void
recipe_own(struct arena *a, const struct recipe_input *in, part_vec *out)
{
	add_commands(a, in, out);
	add_surroundings(a, in, out);
}

void
recipe_of(struct arena *a, const struct recipe_input *in, part_vec *out)
{
	const struct ctask *t = in->task;
	struct recipe_input own = *in;

	own.called = NULL;
	recipe_own(a, &own, out);
	if (in->called != NULL) {
		struct recipe_input others = *in;

		/* they may have another PATH */
		others.programs = NULL;
		called_parts(in->called, a, &others, out);
	}
	if (!recipe_has_outputs(t)) {
		add_deciding_vars(a, out, "call", t->call_vars);
		add_deciding_vars(a, out, "cli", in->cli_vars);
	}
	if (t->vars.kind != VALUE_MAP)
		return;
	add_explaining_vars(a, t, out, t->call_vars);
	if (t->task != NULL) {
		add_explaining_vars(a, t, out, t->task->vars);
		add_explaining_vars(a, t, out, t->task->included_vars);
		add_explaining_vars(a, t, out, t->task->include_vars);
	}
	add_explaining_vars(a, t, out, in->file_vars);
}

uint64_t
variant_of(struct arena *a, const struct recipe_input *in)
{
	struct sb b cleanup_sb = SB_INIT;

	/* Without declared outputs nobody could tell that another variant has
	 * written over this one's; then the variables are part of what is run,
	 * and the last one counts. */
	if (recipe_has_outputs(in->task)) {
		recipe_add_vars(a, &b, in->task->call_vars);
		sb_addc(&b, '/');
		recipe_add_vars(a, &b, in->cli_vars);
	}
	return hash64(sb_sv(&b));
}

/* ---- differences ---- */

static const struct part *
find_part(const part_vec *v, const struct part *like)
{
	size_t place = part_place(v, like->kind, like->name);

	return place > 0 ? &v->v[place - 1] : NULL;
}

/* The list with an index; what a record was read into has none. */
static part_vec
indexed(struct arena *a, const part_vec *v)
{
	part_vec out = *v;

	out.index = map_new(a);
	for (size_t i = 0; i < out.n; i++)
		put_in_index(a, &out, i);
	return out;
}

static void
recipe_say(struct arena *a, string_vec *reasons, const struct part *p,
    const char *verb)
{
	const char *text;

	if (strcmp(p->kind, "cmd") == 0)
		text = arena_printf(a, "command %s", verb);
	else if (strcmp(p->kind, "task") == 0)
		text = arena_printf(a, "called task %s%s%s", verb,
		    *p->name ? ": " : "", p->name);
	else if (strcmp(p->kind, "dir") == 0)
		text = "directory changed";
	else if (strcmp(p->kind, "around") == 0)
		text = "machine, shell or tools changed";
	else if (strcmp(p->kind, "env") == 0)
		text = arena_printf(a, "environment %s: %s", verb, p->name);
	else if (strcmp(p->kind, "tool") == 0)
		text = arena_printf(a, "tool %s: %s", verb, p->name);
	else
		text = arena_printf(a, "variable %s: %s", verb, p->name);
	for (size_t i = 0; i < reasons->n; i++)
		if (strcmp(reasons->v[i], text) == 0)
			return;
	vec_push(a, reasons, text);
}

/* Says what differs among the parts that decide, or among those that do not. */
static void
diff_kind(struct arena *a, const part_vec *before, const part_vec *now,
    bool deciding, string_vec *reasons)
{
	for (size_t i = 0; i < now->n; i++) {
		const struct part *p = &now->v[i];
		const struct part *old = find_part(before, p);

		if ((strcmp(p->kind, "var") != 0) != deciding)
			continue;
		if (old == NULL)
			recipe_say(a, reasons, p, "added");
		else if (old->hash != p->hash)
			recipe_say(a, reasons, p, "changed");
	}
	for (size_t i = 0; i < before->n; i++) {
		const struct part *p = &before->v[i];

		if ((strcmp(p->kind, "var") != 0) == deciding &&
		    find_part(now, p) == NULL)
			recipe_say(a, reasons, p, "removed");
	}
}

static bool
are_same_parts(const part_vec *x, const part_vec *y)
{
	if (x->n != y->n)
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (x->v[i].hash != y->v[i].hash ||
		    strcmp(x->v[i].kind, y->v[i].kind) != 0 ||
		    strcmp(x->v[i].name, y->v[i].name) != 0)
			return false;
	return true;
}

void
recipe_diff(struct arena *a, const part_vec *before, const part_vec *now,
    string_vec *reasons)
{
	part_vec old, new;
	string_vec deciding = { 0 };

	if (are_same_parts(before, now))
		return;
	old = indexed(a, before);
	new = indexed(a, now);
	diff_kind(a, &old, &new, true, &deciding);
	if (deciding.n == 0)
		return;
	/* The variable behind it is the better news, and comes first. */
	diff_kind(a, &old, &new, false, reasons);
	for (size_t i = 0; i < deciding.n; i++)
		vec_push(a, reasons, deciding.v[i]);
}
