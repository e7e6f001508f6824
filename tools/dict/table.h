/* What a message, component or group holds, as an aligned table. */
#ifndef RINGFIX_DICT_TABLE_H
#define RINGFIX_DICT_TABLE_H

#include "core/dictionary.h"

/* Groups and components are indented below their line; is_brief leaves out what components
 * hold. */
void put_table(const struct rfx_dictionary *dictionary, uint32_t first_item, uint32_t item_count,
               bool is_brief);

#endif
