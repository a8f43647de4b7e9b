/* SPDX-License-Identifier: MIT */
/*
 * Go's time layouts cut into elements; date.c prints by them, date_parse.c
 * reads by them.
 * May include: base/.
 */
#ifndef GO_LAYOUT_H
#define GO_LAYOUT_H

#include "base/str.h"

enum chunk_kind {
	CHUNK_END,	    /* no element is left */
	CHUNK_LONG_MONTH,   /* January */
	CHUNK_MONTH,	    /* Jan */
	CHUNK_NUM_MONTH,    /* 1 */
	CHUNK_ZERO_MONTH,   /* 01 */
	CHUNK_LONG_WEEKDAY, /* Monday */
	CHUNK_WEEKDAY,	    /* Mon */
	CHUNK_DAY,	    /* 2 */
	CHUNK_UNDER_DAY,    /* _2 */
	CHUNK_ZERO_DAY,	    /* 02 */
	CHUNK_UNDER_YDAY,   /* __2 */
	CHUNK_ZERO_YDAY,    /* 002 */
	CHUNK_HOUR,	    /* 15 */
	CHUNK_HOUR12,	    /* 3 */
	CHUNK_ZERO_HOUR12,  /* 03 */
	CHUNK_MINUTE,	    /* 4 */
	CHUNK_ZERO_MINUTE,  /* 04 */
	CHUNK_SECOND,	    /* 5 */
	CHUNK_ZERO_SECOND,  /* 05 */
	CHUNK_LONG_YEAR,    /* 2006 */
	CHUNK_YEAR,	    /* 06 */
	CHUNK_PM,	    /* PM */
	CHUNK_LOWER_PM,	    /* pm */
	CHUNK_ZONE_NAME,    /* MST */
	CHUNK_ISO_ZONE,	    /* Z0700 and the like, Z for UTC */
	CHUNK_NUM_ZONE,	    /* -0700 and the like */
	CHUNK_FRACTION_0,   /* .000 */
	CHUNK_FRACTION_9,   /* .999 */
};

enum zone_parts { ZONE_HOURS, ZONE_MINUTES, ZONE_SECONDS };

struct chunk {
	enum chunk_kind kind;
	sv before;	      /* literal text in front of it */
	sv text;	      /* the element as written */
	sv rest;	      /* layout behind it */
	enum zone_parts zone; /* zone elements: down to what */
	bool colons;	      /* zone elements: 07:00 */
	int digits;	      /* fractions */
	char separator;	      /* fractions: '.' or ',' */
};

/* The first element of a layout; CHUNK_END with all of it as `before` when it
 * holds none. */
struct chunk layout_next(sv layout);

#endif
