/* SPDX-License-Identifier: MIT */
/* From a text to the script that dash runs in bash's place. */
#include "exec/posix.h"

#include "exec/posix_reader.h"
#include "exec/shell.h"

/* Longer ones are programs of their own. */
enum {
	POSIX_TEXT_MAX = 16 * 1024
};

/* Control characters and the bytes with which dash marks what is quoted. */
static bool
has_odd_bytes(sv text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if ((c < ' ' && c != '\t' && c != '\n') ||
		    (c >= 0x7f && c <= 0x8f))
			return true;
	}
	return false;
}

static const char *
env_get(char *const *env, const char *name)
{
	size_t n = strlen(name);
	const char *found = NULL;

	for (; *env != NULL; env++)
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			found = *env + n + 1;
	return found != NULL ? found : "";
}

/* What a category's locale is. */
static const char *
locale_of(char *const *env, const char *category)
{
	const char *name = env_get(env, "LC_ALL");

	if (*name == '\0')
		name = env_get(env, category);
	if (*name == '\0')
		name = env_get(env, "LANG");
	return name;
}

static bool
is_c(const char *locale)
{
	return *locale == '\0' || strcmp(locale, "C") == 0 ||
	       strcmp(locale, "POSIX") == 0;
}

static bool
is_utf8(const char *locale)
{
	sv l = sv_of(locale);

	return sv_ends(l, SV(".UTF-8")) || sv_ends(l, SV(".utf8"));
}

/* dash knows bytes, in their order. */
static bool
suits_locale(const struct posix *p)
{
	const char *ctype = locale_of(p->job->env, "LC_CTYPE");
	const char *collate = locale_of(p->job->env, "LC_COLLATE");

	if (!is_c(ctype) && (p->counts_characters || !is_utf8(ctype)))
		return false;
	return !p->globs || is_c(collate) ||
	       (collate[0] == 'C' && is_utf8(collate));
}

static bool
suits_home(const struct posix *p)
{
	sv home = sv_of(env_get(p->job->env, "HOME"));

	return !p->uses_home ||
	       (home.n > 1 && home.p[0] == '/' && home.p[home.n - 1] != '/' &&
		   posix_is_plain(home));
}

/* ---- what stands before the text ---- */

/* dash's own status would be 2, and its words are others. */
static const char prelude_cd[] =
    "prun_cd() { command cd \"$2\" 2>/dev/null || { ";
static const char prelude_cd_end[] =
    " --norc -p -c \"$1\" gosh \"$2\"; return 1; }; }; ";
/* It would be 127. */
static const char prelude_command[] =
    "prun_command_v() { command -v \"$1\" || return 1; }; ";
/* dash's looks for backslashes, and knows no option but -n. */
static const char prelude_echo[] =
    "echo() { case ${1-} in "
    "-n) case ${2-} in -*) ;; *) shift; printf %s \"$*\"; return;; esac;; "
    "-[neE]*) ;; "
    "*) printf '%s\\n' \"$*\"; return;; esac; ";
static const char prelude_echo_end[] =
    " --norc -p -c 'echo \"$@\"' gosh \"$@\"; }; ";

/* FILE is $2; $1 has bash say why not, or open it where this was mistaken. */
static const char prelude_files[] =
    "prun_writes() { if [ -e \"$2\" ]; then [ -w \"$2\" ] && [ ! -d \"$2\" ]; "
    "else case $2 in */*) [ -d \"${2%/*}/\" ] && [ -w \"${2%/*}/\" ] && "
    "[ -n \"${2##*/}\" ];; *) [ -w . ];; esac && [ ! -L \"$2\" ]; fi || "
    "prun_opens \"$@\"; }; "
    "prun_reads() { [ -r \"$2\" ] || prun_opens \"$@\"; }; "
    "prun_opens() { ";
static const char prelude_files_end[] =
    " --norc -p -c \"$1\" gosh \"$2\" || return 1; }; ";

static void
add_prelude(const struct posix *p, struct sb *out)
{
	if (p->changes_dir) {
		sb_adds(out, prelude_cd);
		shell_add_word(out, p->job->bash);
		sb_adds(out, prelude_cd_end);
	}
	if (p->asks_command)
		sb_adds(out, prelude_command);
	if (p->opens_files) {
		sb_adds(out, prelude_files);
		shell_add_word(out, p->job->bash);
		sb_adds(out, prelude_files_end);
	}
	if (p->echoes) {
		sb_adds(out, prelude_echo);
		shell_add_word(out, p->job->bash);
		sb_adds(out, prelude_echo_end);
	}
}

static void
add_edited(struct posix *p, struct sb *out)
{
	const struct posix_edit *edit;
	size_t from = 0;

	posix_edits_sort(p);
	vec_each(&p->edits, edit) {
		sb_addv(out, sv_sub(p->text, from, edit->at - from));
		sb_adds(out, edit->with);
		from = edit->at + edit->skip;
	}
	sb_addv(out, sv_sub(p->text, from, SIZE_MAX));
}

const char *
posix_script(struct arena *a, const struct posix_job *job)
{
	struct sb out cleanup_sb = SB_INIT;
	struct posix p = {
		.a = a, .job = job, .text = job->text, .names = map_new(a)
	};

	if (job->text.n > POSIX_TEXT_MAX || has_odd_bytes(job->text) ||
	    !posix_env_is_alike(job->env) || !posix_list(&p) ||
	    p.at < p.text.n || p.heredocs.n > 0 ||
	    (p.opens_files && p.unsets_errexit) || !posix_names_hold(&p) ||
	    !suits_locale(&p) || !suits_home(&p))
		return NULL;
	add_prelude(&p, &out);
	add_edited(&p, &out);
	return sb_take(&out, a).p;
}
