/* SPDX-License-Identifier: MIT */
/* The quick reader against libyaml: nothing here says what a text means, only
 * that both say the same, and which texts the quick one has to take. */
#include "yaml/quick.h"

#include "base/io.h"
#include "unit.h"
#include "ynode_same.h"

/* Texts that it takes. */
static const char *const usual[] = {
	"a: b", "a: b\n", "a:", "a:\n", "a: \n", "a:   b   \n", "a : b\n",
	"version: '3'\ntasks:\n  a:\n    cmds:\n      - echo hi\n",
	"---\na: b\n", "# x\n---\n# y\na: b\n", "--- # x\na: b\n",
	"\n\n# x\n\na: b\n\n# y\n\n", "  # x\na: b\n  # y\n",
	"  a: b\n  c: d\n",
	/* plain scalars */
	"a: b c  d\n", "a: b:c\n", "a: b#c\n", "a: b #c\n", "a: b # c: d\n",
	"a: b::c\n", "a: :b\n", "a: -b\n", "a: --\n", "a: ---\n", "a: -1\n",
	"a: $(x) | y > z & w\n", "a: x{{.X}}\n", "a: x[1], y\n", "a: b'c\"d\n",
	"a: b\\n\n", "a: b%c@d`e\n", "a: b ? c\n", "a: http://x/y:1\n",
	"a: b -c\n", "a: b - c\n", "a:b\n", "a\n", "a b\n", "a:b: c\n",
	":a: b\n", "-a: b\n", "a#b: c\n", "a-b.c/d: e\n", "a b: c\n", "a*: b\n",
	"a?: b\n", "a's: b\n",
	/* what they mean */
	"a: true\nb: no\nc: ~\nd: null\ne: 1\nf: 1.5\ng: 0x1F\nh: 1e3\n",
	"a: 2020-01-02\nb: .inf\nc: +1\nd: .5\ne: -.5\nf: <<\ng: <\nh: .\n",
	"a: 0o17\nb: 017\nc: 1_000\nd: 12:30\ne: NULL\nf: False\ng: nope\n",
	"1: a\ntrue: b\n~: c\nnull: d\n1.5: e\n'': f\n", "<<: {a: b}\nc: d\n",
	"a: 1\na: 2\n", "<<: [{a: b}, {c: d}]\n", "n: 1\ny: 2\n",
	/* quoted ones */
	"a: 'b'\n", "a: ''\n", "a: \"\"\n", "a: 'it''s'\n", "a: ''''\n",
	"a: ' b '\n", "a: 'b: c # d'\n", "a: \"b: c # d\"\n", "a: 'b' # c\n",
	"'a': b\n", "\"a\": b\n", "'a' : b\n", "\"a b\": \"c\"\n",
	"'a: b': c\n", "'a'\n", "\"a\"\n", "- 'a'\n- \"b\"\n", "'#a': b\n",
	"a: '\\n'\n", "a: \"\\n\\t\\\"\\\\\\/\\ \\r\\e\\a\\b\\v\\f\\0x\"\n",
	"a: \"\\x41\"\n", "a: \"\\u00e9\\u20AC\\U0001F600\"\n",
	"a: \"\\x00b\"\n", "a: 'b\tc'\n", "a: \"b\tc\"\n", "a: '[b'\n",
	"a: \"{{.A}}\"\n", "'1': 'true'\n", "\"\\x61\": b\n", "'it''s': b\n",
	"a: \"b'c\"\n", "a: 'b\"c'\n",
	/* scalars of several lines */
	"a: b\n  c\n", "a:\n  b\n  c\n", "- a\n  b\n", "a\nb\n", "-- a\n- b\n",
	"a\n  b\nc", "a: b\n\n  c\n", "- a\n b\n", "a: b\n  - c\n",
	"- a\n  - b\n", "a: b  \n\n\n   c   d  \n  e\nf: g\n",
	"a: b\n  c # x\n", "a: b\n  c#d:e\n  'f\n", "a: b\n c\nd: e\n",
	"a:\n  - b\n    c\n  - d\n", "a: 1\n  2\n",
	"a: 2020-01-02\n   03:04:05\n", "a: true\n\n\nb: c\n",
	"a: b\n  # x\nc: d\n", "a: b\n  c\n  # x\nd: e\n",
	"a: b\n  [c\n  ? d\n  & e\n", "a: t\n  rue\n", "a:\n    b\n  c\nd: e\n",
	"a: b\n  \xC3\xA9\n  c\nd: \xC3\xA9\n", "a\nb\n# x\n",
	"a: b\n  :c\n  d:e\n", "a: b\n   --- c\n", "a: 'b\n  c'\n",
	"a: \"b\n  c\"\n", "a: 'b  \n\n \t \n\tc  d '\n",
	"a: \"b\\t \n c\\n\n\n\\x20 \n\"\n", "a: '\n'\n", "a: '\n\n b'\n",
	"a: \" \n b \n \"\n", "a: 'b\nc'\nd: e\n", "- 'a\n  it''s\n  b'\n- c\n",
	"[a, 'b\n c', d]\n", "{a: \"b\n c\", d: e}\n", "'a\nb'\n",
	"a: 'b: c\n  # d\n  - e'\n", "a:\n  'b\n c'\nd: e\n",
	"a: \"\xC3\xA9\n\xC3\xA9\" # x\n", "[\"\n\", b]\n",
	"a: ''''\nb: 'c''\n  ''d'\n", "a: \"\\\"\n  \\\\\"\n",
	/* sequences */
	"- a\n", "- a\n- b\n", "-\n", "-\n-\n", "- a\n-\n", "-\n- a\n",
	"- - a\n", "- - a\n  - b\n- c\n", "- - - a\n", "-\n  a\n", "-\n  - a\n",
	"-\n  a: b\n", "-   a\n", "- # x\n  a\n", "- # x\n- a\n", "- a: b\n",
	"- a: b\n  c: d\n", "- a:\n  - b\n", "- a:\n    - b\n  c: d\n",
	"-   a: b\n    c: d\n- e\n", "a:\n- b\n", "a:\n- b\n- c\nd: e\n",
	"a:\n-\nb: c\n", "a:\n-\n", "a:\n- b\n", "a:\n  - b\n  - c\nd:\n- e\n",
	"a:\n- b: c\n  d: e\n- f\ng: h\n", "a:\n- - b\n  - c\n- d\n",
	"a:\n\n# x\n- b\n\n# y\n- c\n", "a:\n-\n  b\n",
	"a:\n  - b\n# x\n  - c\n", "a:\n    - b\n    # x\n    - c\n# y\nd: e\n",
	/* maps */
	"a:\n  b: c\n", "a:\n  b:\n    c: d\n  e: f\ng: h\n", "a:\nb:\n",
	"a:\n  b\n", "a:\n  'b'\n", "a:\n  # x\n  b: c\n", "a: # x\n  b: c\n",
	"a: # x\nb: c\n", "a:\n       b: c\n",
	"a:\n b:\n  c:\n   d:\n    - e\n", "a:\n  b: c\n\n\n  d: e\n",
	"a: b\n # x\nc: d\n", "a: b\n      # x\n", "a:\n  b: c\n # x\nd: e\n",
	"a: b\n  \nc: d\n", "a:\n  \n  b: c\n",
	/* flow */
	"a: []\n", "a: {}\n", "[]\n", "{}\n", "a: [b]\n", "a: [b, c]\n",
	"[a,b]\n", "a: [b,c,]\n", "a: [b, ]\n", "a: [ b ]\n",
	"a: [b c, 'd', \"e\", 1, ~]\n", "a: {b: c}\n", "a: {b: c, d: e}\n",
	"a: {b: c,}\n", "a: { b: c }\n", "a: {b}\n", "a: {b, c: d}\n",
	"a: {b: }\n", "a: {b: , c: }\n", "a: {'b': c}\n", "a: {\"b\":c}\n",
	"a: {\"b\" : c}\n", "a: {'b':}\n", "a: {b:c}\n", "a: {b: c:d}\n",
	"a: [[b], [c, [d]]]\n", "a: {b: {c: d}}\n", "a: [{b: c}, {d: [e]}]\n",
	"a: {b: [c, d], e: {}}\n", "a: [b] # c\n", "a: [-b, -1, a-b, -]\n",
	"a: [b#c]\n", "a: [b'c]\n", "a: [b|c, d>e, f?]\n",
	"a: [\n  b,\n  c\n]\n", "a: [\nb\n]\n", "a: [b, # x\n  c # y\n  ]\n",
	"a: {\n  b: c,\n  d:\n    e\n}\nf: g\n", "a: [b\n,c]\n", "a: {b\n}\n",
	"- [a, b]\n- {a: b}\n", "a:\n  [b, c]\n", "a:\n  {b: c}\n", "a: [ ]\n",
	"a:\n  - {b: c, d: 'e, f'}\n  - [g]\n", "a: [<<]\nb: {<<: {c: d}}\n",
	"a: [\n\n# x\n\n  b\n\n]\n", "a: {b: [\n1,\n2]}\n", "a: [b,\n# x\nc]\n",
	"a: [\"\xC3\xA9\", \xC3\xA9, '\xE2\x82\xAC']\n", "{a: b, c: d}\n",
	/* blocks of lines */
	"a: |\n  b\n", "a: |\n  b\n  c\n", "a: >\n  b\n  c\n", "a: |-\n  b\n",
	"a: |+\n  b\n\n\n", "a: |\n  b\n\n\n", "a: |-\n  b\n\n\nc: d\n",
	"a: |\n", "a: |+\n\n\nb: c\n", "a: |\n\n\nb: c\n",
	"a: >-\n  b\n\n  c\n", "a: >\n  b\n   c\n  d\n",
	"a: >\n\n  b\n\n\n  c\n\n   d\n\n  e\n\n", "a: >+\n  b\n\n",
	"a: |2\n    b\n   c\n", "a: |1\n  b\n", "a: |2-\n   b\n",
	"a: |-2\n   b\n", "a: |+1\n b\n\n", "a: | # x\n  b\n", "a: |  \n  b\n",
	"- |\n  a\n- b\n", "- |\n a\n", "- >-\n  a\n  b\n", "|\n a\n b\n",
	"|\n  a\n", "a:\n  |\n  b\n",
	"a:\n  - |\n    b\n     c\n    d\n  - e\n", "- |2\n   a\n",
	"a: |\n  # b\n  c\n", "a: |\n  b\n # x\nc: d\n", "a: |\n  b\n# x\n",
	"a: |\n  b\n    \n  c\n", "a: |\n  \n  b\n", "a: |\n  b\n \nc: d\n",
	"a: |\n  b\tc\n", "a: |\n    \n    b\n", "a: >\n  b\n  \tc\n  d\n",
	"a: |2\n  \tb\n", "a: |\n  '\"[{:#\n", "a: |\n  b: c\n  - d\n",
	"a: |\n  ---\n", "a: |\nb: c\n", "a:\n  b: |\n    c\n  d: e\n",
	"a: >\n  b\n  \n  c\n", "a: |+\n  b\n  \nc: d\n",
	"a:\n  - b: |\n      c\n    d: e\n", "a: |\n \xC3\xA9\n",
	/* characters of several bytes, which are one column */
	"\xC3\xA9: b\n", "a: \xC3\xA9\n",
	"a: \xE2\x82\xAC \xF0\x9F\x98\x80 # \xC3\xA9\n",
	"\xC3\xA9: {\xC3\xA9: \xC3\xA9, a: [\xC3\xA9, b]}\n",
	"'\xC3\xA9': 'b'\n", "# \xC3\xA9\na: b\n",
	"- \xC3\xA9: b\n  \xC3\xA9\xC3\xA9: c\n", "a: \"\xC3\xA9\" # x\n",
};

/* Texts that it leaves to libyaml: rare ones, and those that are wrong. */
static const char *const rare[] = {
	"", "\n", "# x\n", "---\n", "...\n", "a: b\n---\nc: d\n", "a: b\n...\n",
	"--- a\n", "--- a: b\n", "%YAML 1.1\n---\na: b\n", "---\n---\n",
	"a: b\n--- ", "a: &x b\n", "a: *x\n", "a: !!str b\n", "! a: b\n",
	"? a\n: b\n", "? a\n", "a: b\r\n", "\xEF\xBB\xBF" "a: b\n",
	"a: b\xC2\x85" "c: d\n", "a: \xE2\x80\xA8\n", "a: \xFF\n", "a: \xC3\n",
	"a: \x01\n", "a: \x7F\n", "# \x01\na: b\n", "a: \xED\xA0\x80\n",
	"a: \xC0\x80\n", "a: \xE0\x80\x80\n", "a: \xF4\x90\x80\x80\n",
	"a: \xC2\x80\n", "a: \xEF\xBF\xBF\n", "a: \xEF\xBB\xBF\n",
	"a: \xE2\x82", "a: \xE2\x80\xA9 b\n",
	/* tabs */
	"\ta: b\n", "a:\n\tb: c\n", "a:\tb\n", "a: b\t\n", "a: b\tc\n",
	"a:\n  b:\n\t- c\n", "-\ta\n", "a: [b,\tc]\n", "a: |\n\tb\n",
	"a: |\n \tb\n", "a: |\t\n  b\n", "a: b\n\t\n", "a: 'b'\t\n", "a:\t\n",
	"'a'\t: b\n", "a: |\n  b\n\tc\n", "{a:\tb}\n", "a\t: b\n",
	/* several lines */
	"a: [b\n c]\n", "a: 'b\n---\nc'\n", "a: \"b\\\n  c\"\n", "'a\n b': c\n",
	"{\"a\n b\": c}\n", "a: b\n  # x\n  c\n", "a: b # x\n  c\n",
	"a: b\n\tc\n", "a: b\n  \tc\n", "a: b\n  c\td\n", "a: b\n  c\n d: e\n",
	"a: b\n...\n c\n", "a: \"b\n\n  c\n", "a: b\n :\n", "a: b\n : c\n",
	"a\n---\nb\n", "a: 'b\n  c' d\n", "a: 'b\n  c'\n d: e\n",
	"a: b\n  : c\n", "a: b\n  c: d\n", "a: b\n  c:\n", "- a\n  b: c\n",
	/* mistakes */
	"a: b: c\n", "a: - b\n", "a: [b\n", "a: {b\n", "a: [b]]\n", "a: [b}\n",
	"a: ]\n", "a: }\n", "a: ,\n", "[a,,b]\n", "[,a]\n", "{,}\n", "[a]: b\n",
	"{a: b}: c\n", "a: [b] c\n", "a: [b]: c\n", "a: 'b' c\n", "a: 'b': c\n",
	"a: 'b\n", "a: \"b\n", "a: \"\\q\"\n", "a: \"\\x4\"\n",
	"a: \"\\uD800\"\n", "a: \"\\U00110000\"\n", "a: @b\n", "a: `b\n",
	"a: %b\n", "a: *\n", "a: &\n", "a: ? b\n", "a: ! b\n", "a: |x\n",
	"a: |0\n  b\n", "a: |22\n", "a: |++\n", "a: |\n  b\n c\n",
	"a: |\n   \n  b\n", "a\nb: c\n", "a: b\nc\n", "a: b\n- c\n",
	"- a\nb: c\n", "a:\n  b: c\n d: e\n", "a:\n    b: c\n  d: e\n",
	"a:\n  - b\n  c: d\n", "a:\n  - b\n c: d\n", "a:\n- b\n  c: d\n",
	"- a: b\n  - c\n", "  a: b\nc: d\n", "-   - a\n  - b\n",
	"a: b\n c\n: d\n", "\"a\":b\n", "'a'b: c\n", "'a' b\n", "a: 'b'#c\n",
	"a: [b]#c\n", "a: |#c\n  b\n", "[a,#b\n]\n", "a: [b:, c]\n",
	"a: [b:]\n", "[a: b]\n", "{a: b: c}\n", "{[a]: b}\n", "{{.A}}: b\n",
	"a: {{.A}}\n", "[:a]\n", "[?a]\n", "{? a: b}\n", "[- a]\n",
	"[a, -\n]\n", "[a b: c]\n", "['a' 'b']\n", "{'a' 'b'}\n", "[|a]\n",
	"[>a]\n", "[!a]\n", "[&a b]\n", "[*a]\n", "{a\n: b}\n", "{'a'\n: b}\n",
	"[a\n--- \n]\n", "[a,\n...\n]\n", "a: [b,\n---\nc]\n", ":\n", ": a\n",
	"a: b\n: c\n", "- a\n-b\n", "a: |\n  b", "a: |\n  b\n\n ",
	"a: |\n  \tb\n", "a: ::\n", "a: |+\n  b\n ", "a: |\n  b\n...\n",
	"a: 'b'\n c: d\n", "a: [b]\n c: d\n", "a: |\n  b\nc\n",
	"a: \"\\L\\P\\N\\_\"\n", "a: \"\\\t\"\n", "a:\n  b: c\n  - d\n", "'a\n",
	"a: '\n",
};

static const char *const verdicts[] = {
	[READERS_AGREE] = "both read the same tree",
	[READERS_QUICK_GAVE_UP] = "the quick one gave up",
	[READERS_DIFFER] = "the readers differ",
};

static bool
expect(sv text, enum readers want)
{
	enum readers got = ynode_compare_readers(text);
	struct sb quoted cleanup_sb = SB_INIT;

	if (got == want)
		return true;
	sb_quote_go(&quoted, text);
	print_message("%s: %s\n", verdicts[got], sb_cstr(&quoted));
	return false;
}

static void
expect_all(const char *const *texts, size_t n, enum readers want)
{
	bool good = true;

	for (size_t i = 0; i < n; i++)
		good &= expect(sv_of(texts[i]), want);
	assert_true(good);
}
#define EXPECT_ALL(texts, want)                                                \
	expect_all((texts), sizeof(texts) / sizeof((texts)[0]), (want))

static void
usual_texts_are_read_as_libyaml_does(void **state)
{
	(void)state;
	EXPECT_ALL(usual, READERS_AGREE);
}

static void
rare_and_wrong_texts_are_left_to_libyaml(void **state)
{
	(void)state;
	EXPECT_ALL(rare, READERS_QUICK_GAVE_UP);
}

/* Longer than libyaml takes for a key; and deeper than is usual. */
static void
long_keys_and_deep_trees(void **state)
{
	struct sb b cleanup_sb = SB_INIT;

	(void)state;
	for (int n = 1000; n < 1050; n++) {
		sb_clear(&b);
		sb_pad(&b, 'k', (size_t)n);
		sb_adds(&b, ": v\n");
		assert_true(expect(sb_sv(&b), n <= QUICK_KEY_MAX
						  ? READERS_AGREE
						  : READERS_QUICK_GAVE_UP));
		sb_clear(&b);
		sb_adds(&b, "- {");
		sb_pad(&b, 'k', (size_t)n);
		sb_adds(&b, ": v}\n- ");
		sb_pad(&b, 'v', 5000);
		assert_true(expect(sb_sv(&b), n <= QUICK_KEY_MAX
						  ? READERS_AGREE
						  : READERS_QUICK_GAVE_UP));
	}
	for (int n = 90; n < 110; n++) {
		sb_clear(&b);
		for (int i = 0; i < n; i++)
			sb_adds(&b, "- ");
		sb_adds(&b, "a\n");
		assert_true(expect(sb_sv(&b), n < QUICK_DEPTH_MAX
						  ? READERS_AGREE
						  : READERS_QUICK_GAVE_UP));
		sb_clear(&b);
		sb_pad(&b, '[', (size_t)n);
		sb_pad(&b, ']', (size_t)n);
		assert_true(expect(sb_sv(&b), n < QUICK_DEPTH_MAX
						  ? READERS_AGREE
						  : READERS_QUICK_GAVE_UP));
	}
}

/* ---- every text of the tests and the examples, and what becomes of it ---- */

static struct {
	struct arena *a;
	VEC(sv) texts;
	VEC(sv) trees; /* those of them that are lists or maps */
} seeds;

/* Lines that part a file of cases, or a script, into its texts. */
static bool
is_border(sv line)
{
	return sv_starts(line, SV("== ")) || sv_starts(line, SV("=== ")) ||
	       sv_starts(line, SV("-- ")) || sv_starts(line, SV("--- ")) ||
	       sv_starts(line, SV("$ ")) || sv_is(line, "EOF") ||
	       sv_is(line, "E") || sv_find(line, SV("<<"), 0) >= 0;
}

static void
add_seed(const char *p, size_t n)
{
	struct arena *a cleanup_arena = arena_new();
	struct err unused cleanup_err = ERR_INIT;
	struct ynode *root;

	vec_push(seeds.a, &seeds.texts, ((sv){ p, n }));
	if (yaml_read_events(a, (sv){ p, n }, &root, &unused) && root != NULL &&
	    root->kind != YNODE_SCALAR)
		vec_push(seeds.a, &seeds.trees, ((sv){ p, n }));
}

static void
add_seeds(sv text, bool is_parted)
{
	const char *from = text.p;

	for (sv line, rest = text; is_parted && rest.n > 0;) {
		sv_cut(rest, '\n', &line, &rest);
		if (!is_border(line))
			continue;
		add_seed(from, (size_t)(line.p - from));
		from = rest.p;
	}
	if (from != NULL)
		add_seed(from, text.n - (size_t)(from - text.p));
}

static void
add_file(const char *path)
{
	struct err unused cleanup_err = ERR_INIT;
	sv name = sv_of(path), text;
	bool is_yaml = sv_ends(name, SV(".yml")) || sv_ends(name, SV(".yaml"));

	if (is_yaml || sv_ends(name, SV(".txt")) || sv_ends(name, SV(".sh")))
		if (read_file(seeds.a, path, &text, &unused))
			add_seeds(text, !is_yaml);
}

/* In the order of names, so that everybody has the same texts. */
static void
add_folder(const char *path)
{
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;
		const char *inner = arena_printf(seeds.a, "%s/%s", path, name);

		if (name[0] == '.')
			; /* itself, its parent, what a run has left */
		else if (path_is_dir(inner))
			add_folder(inner);
		else
			add_file(inner);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

static int
find_seeds(void **state)
{
	static const char *const folders[] = { "taskfile", "compile", "parity",
		"cli", "serve", "../examples", "../taskfiles" };

	(void)state;
	seeds.a = arena_new();
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		add_folder(arena_printf(seeds.a, TESTS_DIR "/%s", folders[i]));
	return 0;
}

static int
drop_seeds(void **state)
{
	(void)state;
	arena_free(seeds.a);
	return 0;
}

static void
texts_of_tests_and_examples_are_read_as_libyaml_does(void **state)
{
	size_t taken = 0;
	sv *text;

	(void)state;
	vec_each(&seeds.texts, text) {
		enum readers got = ynode_compare_readers(*text);

		taken += got == READERS_AGREE;
		assert_true(
		    got != READERS_DIFFER || expect(*text, READERS_AGREE));
	}
	print_message("%zu texts, %zu trees, %zu quickly\n", seeds.texts.n,
	    seeds.trees.n, taken);
	assert_true(taken > 500);
}

static uint64_t
next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static size_t
below(uint64_t *seed, size_t n)
{
	return n == 0 ? 0 : (size_t)(next_random(seed) % n);
}

static void
replace(struct sb *b, size_t at, size_t size, const char *by)
{
	struct sb rest cleanup_sb = SB_INIT;

	if (at > b->n)
		at = b->n;
	if (size > b->n - at)
		size = b->n - at;
	sb_add(&rest, b->p + at + size, b->n - at - size);
	b->n = at;
	sb_adds(b, by);
	sb_addv(b, sb_sv(&rest));
}

/* One change of the kind that people make, and fuzzers. */
static void
change(struct sb *b, uint64_t *seed)
{
	static const char *const pieces[] = { " ", "  ", "\n", ":", ": ", "- ",
		"#", " #", "'", "\"", "[", "]", "{", "}", ",", "|", ">", "|-\n",
		"|+\n", ">2\n", "\t", "\\", "\\n", "a", "1", "~", "<<",
		"\xC3\xA9", "\xE2\x80\xA8", "---\n", "\n\n", "\n  ", "\r", "&",
		"*", "!", "?", "''", "\"\"", "\n- ", "\na: b\n", "%", "@",
		"...", "\x01", "" };
	size_t at = below(seed, b->n + 1), size = below(seed, 4);

	if (below(seed, 3) == 0) {
		ptrdiff_t end = sv_find_char(sb_sv(b), '\n', at);

		/* the indentation of the next line */
		replace(b, end < 0 ? at : (size_t)end + 1, size,
		    pieces[below(seed, 2)]);
		return;
	}
	replace(b, at, below(seed, 2) == 0 ? 0 : size,
	    pieces[below(seed, sizeof(pieces) / sizeof(pieces[0]))]);
}

/* A part of some text, from the start of a line on. */
static void
pick(struct sb *b, uint64_t *seed)
{
	size_t table = sizeof(usual) / sizeof(usual[0]);
	size_t i = below(seed, table + seeds.trees.n);
	sv text = i < table ? sv_of(usual[i]) : seeds.trees.v[i - table];
	ptrdiff_t from;

	sb_clear(b);
	if (text.n > 600) {
		from = sv_find_char(text, '\n', below(seed, text.n - 300));
		text = sv_sub(text, from < 0 ? 0 : (size_t)from + 1,
		    100 + below(seed, 500));
	}
	sb_addv(b, text);
}

/* 20,000 changed texts, or $YAML_TEXTS, always the same ones. */
static void
changed_texts_are_read_as_libyaml_does(void **state)
{
	struct sb b cleanup_sb = SB_INIT;
	const char *many = getenv("YAML_TEXTS");
	size_t left = many != NULL ? strtoul(many, NULL, 10) : 20000;
	size_t taken = 0, count = left;
	uint64_t seed = 88172645463325252u;

	(void)state;
	for (; left > 0; left--) {
		enum readers got;

		pick(&b, &seed);
		for (size_t i = below(&seed, 4); i > 0; i--)
			change(&b, &seed);
		got = ynode_compare_readers(sb_sv(&b));
		taken += got == READERS_AGREE;
		assert_true(
		    got != READERS_DIFFER || expect(sb_sv(&b), READERS_AGREE));
	}
	print_message("%zu texts, %zu quickly\n", count, taken);
	assert_true(taken > count / 4);
}

int
test_yaml_quick(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usual_texts_are_read_as_libyaml_does),
		cmocka_unit_test(rare_and_wrong_texts_are_left_to_libyaml),
		cmocka_unit_test(long_keys_and_deep_trees),
		cmocka_unit_test(
		    texts_of_tests_and_examples_are_read_as_libyaml_does),
		cmocka_unit_test(changed_texts_are_read_as_libyaml_does),
	};

	return cmocka_run_group_tests_name(
	    "yaml/quick", tests, find_seeds, drop_seeds);
}
