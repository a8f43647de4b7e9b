/* SPDX-License-Identifier: MIT */
/* Any bytes for both readers of YAML: what the quick one takes, it takes as
 * libyaml does.  Seeds: any YAML. */
#include "fuzz/fuzz.h"

#include "unit/ynode_same.h"

FUZZ_TARGET(yaml)
{
	if (ynode_compare_readers(text) == READERS_DIFFER)
		BUG("the readers of YAML differ");
}
