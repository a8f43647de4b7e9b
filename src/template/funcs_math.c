/* SPDX-License-Identifier: MIT */
/* Template functions on numbers (L-150). */
#include "config.h" /* for sched_getaffinity() */

#include <math.h>
#include <sched.h>
#include <unistd.h>
#include <inttypes.h>

#include "template/funcs_util.h"

/* Lists of numbers longer than this are refused. */
#define COUNT_LIMIT ((uint64_t)1 << 24)

/* A number out of range is the nearest bound, other bad texts are 0. */
FUNC(fn_atoi)
{
	int64_t i;
	bool fits;

	if (!fn_parse_int(arg_text(args[0]), 10, &i, &fits))
		i = 0;
	*out = value_int(i);
	return true;
}

FUNC(fn_int)
{
	*out = value_int(fn_int64(args[0]));
	return true;
}

FUNC(fn_to_int64)
{
	*out = value_int64(fn_int64(args[0]));
	return true;
}

FUNC(fn_to_float64)
{
	*out = value_float(fn_float64(args[0]));
	return true;
}

FUNC(fn_to_decimal)
{
	int64_t i;
	bool fits;

	if (!fn_parse_int(fn_string(c->a, args[0]), 8, &i, &fits) || !fits)
		i = 0;
	*out = value_int64(i);
	return true;
}

/* Sums and products run over silently, as Go's do. */
static int64_t
wrap_add(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

static int64_t
wrap_mul(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a * (uint64_t)b);
}

FUNC(fn_add)
{
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum = wrap_add(sum, fn_int64(args[i]));
	*out = value_int64(sum);
	return true;
}

FUNC(fn_add1)
{
	*out = value_int64(wrap_add(fn_int64(args[0]), 1));
	return true;
}

FUNC(fn_sub)
{
	*out = value_int64((int64_t)((uint64_t)fn_int64(args[0]) -
	    (uint64_t)fn_int64(args[1])));
	return true;
}

FUNC(fn_mul)
{
	int64_t product = fn_int64(args[0]);

	for (size_t i = 1; i < n; i++)
		product = wrap_mul(product, fn_int64(args[i]));
	*out = value_int64(product);
	return true;
}

FUNC(fn_div)
{
	int64_t a = fn_int64(args[0]), b = fn_int64(args[1]);

	if (b == 0)
		return fn_fail(e, "runtime error: integer divide by zero");
	/* INT64_MIN / -1 does not fit; Go's result is INT64_MIN */
	*out = value_int64(b == -1 ? wrap_mul(a, -1) : a / b);
	return true;
}

FUNC(fn_mod)
{
	int64_t a = fn_int64(args[0]), b = fn_int64(args[1]);

	if (b == 0)
		return fn_fail(e, "runtime error: integer divide by zero");
	*out = value_int64(b == -1 ? 0 : a % b);
	return true;
}

FUNC(fn_max)
{
	int64_t best = fn_int64(args[0]);

	for (size_t i = 1; i < n; i++)
		if (fn_int64(args[i]) > best)
			best = fn_int64(args[i]);
	*out = value_int64(best);
	return true;
}

FUNC(fn_min)
{
	int64_t best = fn_int64(args[0]);

	for (size_t i = 1; i < n; i++)
		if (fn_int64(args[i]) < best)
			best = fn_int64(args[i]);
	*out = value_int64(best);
	return true;
}

/* Unlike fmax(): a NaN wins over numbers, infinity over that, 0 over -0. */
static double
larger(double a, double b)
{
	if (isinf(a) && a > 0)
		return a;
	if (isinf(b) && b > 0)
		return b;
	if (isnan(a) || isnan(b))
		return NAN;
	if (a == 0 && b == 0)
		return signbit(a) ? b : a;
	return a > b ? a : b;
}

FUNC(fn_maxf)
{
	double best = fn_float64(args[0]);

	for (size_t i = 1; i < n; i++)
		best = larger(best, fn_float64(args[i]));
	*out = value_float(best);
	return true;
}

FUNC(fn_minf)
{
	double best = fn_float64(args[0]);

	for (size_t i = 1; i < n; i++)
		best = -larger(-best, -fn_float64(args[i]));
	*out = value_float(best);
	return true;
}

FUNC(fn_floor)
{
	*out = value_float(floor(fn_float64(args[0])));
	return true;
}

FUNC(fn_ceil)
{
	*out = value_float(ceil(fn_float64(args[0])));
	return true;
}

/* The fraction of a negative number is negative, so that halves of negative
 * numbers go down. */
FUNC(fn_round)
{
	double on = n > 2 ? args[2].u.f : .5;
	double power = pow(10, (double)args[1].u.i);
	double scaled = power * fn_float64(args[0]), whole;
	double fraction = modf(scaled, &whole);

	*out = value_float(
	    (fraction >= on ? ceil(scaled) : floor(scaled)) / power);
	return true;
}

/* Numbers from `from` to before `to`; none when the step leads away. */
static bool
count_until(struct func_ctx *c, int64_t from, int64_t to, int64_t step,
    value *out, struct err *e)
{
	uint64_t distance, width;

	*out = value_list_new(c->a, GO_LIST_INT);
	if (to < from ? step >= 0 : step <= 0)
		return true;
	distance = to < from ? (uint64_t)from - (uint64_t)to :
			       (uint64_t)to - (uint64_t)from;
	width = step < 0 ? 0 - (uint64_t)step : (uint64_t)step;
	if (distance / width > COUNT_LIMIT)
		return fn_fail(e, "too many numbers: %" PRIu64,
		    distance / width);
	for (uint64_t i = 0; i < distance; i += width) {
		value_list_add(c->a, *out,
		    value_int((int64_t)((uint64_t)from +
			(step < 0 ? 0 - i : i))));
		if (i > UINT64_MAX - width)
			break;
	}
	return true;
}

FUNC(fn_until)
{
	int64_t to = args[0].u.i;

	return count_until(c, 0, to, to < 0 ? -1 : 1, out, e);
}

FUNC(fn_until_step)
{
	return count_until(c, args[0].u.i, args[1].u.i, args[2].u.i, out, e);
}

/* seq END, seq START END, seq START STEP END; the end belongs to it. */
FUNC(fn_seq)
{
	struct sb b cleanup_sb = SB_INIT;
	int64_t from = n > 1 ? args[0].u.i : 1, to = 0, step;
	value list;

	*out = value_cstr("");
	if (n == 0 || n > 3)
		return true;
	to = args[n - 1].u.i;
	step = n == 3 ? args[1].u.i : to < from ? -1 : 1;
	if (n == 3 && to < from && step > 0)
		return true;
	if (!count_until(c, from, wrap_add(to, to < from ? -1 : 1), step,
		&list, e))
		return false;
	for (size_t i = 0; i < list.u.list->n; i++)
		sb_printf(&b, "%s%" PRId64, i > 0 ? " " : "",
		    list.u.list->v[i].u.i);
	*out = value_sv(sb_take(&b, c->a));
	return true;
}

/* Even over 0 to bound - 1: numbers of the last, incomplete round are drawn
 * again. */
static int64_t
random_below(struct func_ctx *c, uint64_t bound)
{
	uint64_t limit = UINT64_MAX - UINT64_MAX % bound, r;

	do {
		r = c->env->random(c->env->ctx);
	} while (r >= limit);
	return (int64_t)(r % bound);
}

FUNC(fn_rand_int)
{
	int64_t min = args[0].u.i;
	int64_t range = (int64_t)((uint64_t)args[1].u.i - (uint64_t)min);

	if (range <= 0)
		return fn_fail(e, "invalid argument to Intn");
	*out = value_int(min + random_below(c, (uint64_t)range));
	return true;
}

FUNC(fn_rand_int_n)
{
	if (args[0].u.i <= 0)
		return fn_fail(e, "invalid argument to IntN");
	*out = value_int(random_below(c, (uint64_t)args[0].u.i));
	return true;
}

/* The processors this process may use. */
FUNC(fn_num_cpu)
{
	long count = sysconf(_SC_NPROCESSORS_ONLN);
#ifdef __linux__
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		count = CPU_COUNT(&set);
#endif
	*out = value_int(count > 0 ? count : 1);
	return true;
}

const struct func funcs_math[] = {
	{ "add", "a*", fn_add },
	{ "add1", "a", fn_add1 },
	{ "atoi", "s", fn_atoi },
	{ "biggest", "aa*", fn_max },
	{ "ceil", "a", fn_ceil },
	{ "div", "aa", fn_div },
	{ "float64", "a", fn_to_float64 },
	{ "floor", "a", fn_floor },
	{ "int", "a", fn_int },
	{ "int64", "a", fn_to_int64 },
	{ "max", "aa*", fn_max },
	{ "maxf", "aa*", fn_maxf },
	{ "min", "aa*", fn_min },
	{ "minf", "aa*", fn_minf },
	{ "mod", "aa", fn_mod },
	{ "mul", "aa*", fn_mul },
	{ "numCPU", "", fn_num_cpu },
	{ "randInt", "ii", fn_rand_int },
	{ "randIntN", "i", fn_rand_int_n },
	{ "round", "aif*", fn_round },
	{ "seq", "i*", fn_seq },
	{ "sub", "aa", fn_sub },
	{ "toDecimal", "a", fn_to_decimal },
	{ "until", "i", fn_until },
	{ "untilStep", "iii", fn_until_step },
	{ NULL, NULL, NULL },
};
