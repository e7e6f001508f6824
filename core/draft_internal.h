/* What the files of the draft share: the facts as they were added, before names are resolved. */
#ifndef RFX_CORE_DRAFT_INTERNAL_H
#define RFX_CORE_DRAFT_INTERNAL_H

#include "core/draft.h"

/* An array that grows. */
struct draft_list {
    void *data;
    uint32_t count;
    uint32_t capacity;
};

struct draft_field {
    int32_t tag;
    uint32_t name; /* in strings */
    uint32_t line;
    uint32_t first_value;
    uint32_t value_count;
    uint8_t type;
};

enum draft_block_kind { BLOCK_HEADER, BLOCK_TRAILER, BLOCK_MESSAGE, BLOCK_COMPONENT, BLOCK_GROUP };

/* What has members. */
struct draft_block {
    uint8_t kind;
    bool is_admin;
    uint8_t depth;     /* of components and groups below it, known once it was walked */
    uint8_t walk;      /* enum walk of draft_walk.c */
    uint16_t index;    /* among those of its kind, in the order of the tables */
    uint16_t set;      /* of all kinds but components */
    uint32_t name;     /* in strings; of a group: in names */
    uint32_t msg_type; /* in strings */
    uint32_t line;
    uint32_t item_count;
    uint32_t first_item; /* once items are in the order of their blocks */
};

struct draft_item {
    uint8_t kind; /* enum rfx_dict_item_kind */
    bool is_required;
    uint16_t index; /* as in struct rfx_dict_item, once resolved */
    uint32_t block; /* that it stands in */
    uint32_t name;  /* in names */
    uint32_t group; /* block of a group */
    uint32_t line;
};

struct rfx_draft {
    rfx_status status;
    uint32_t fault_line; /* 0: the file as a whole */
    struct rfx_error fault;
    uint32_t version; /* in strings, 0: none yet */
    uint32_t header;  /* block + 1, 0: none yet */
    uint32_t trailer;
    uint32_t message_count;
    uint32_t component_count;
    uint32_t group_count;
    uint32_t depth;                     /* of open blocks */
    uint32_t open[RFX_DRAFT_DEPTH_MAX]; /* blocks, the innermost last */
    struct draft_list strings;          /* chars, for the dictionary; starts with "" */
    struct draft_list names;            /* chars, names of members, until they are resolved */
    struct draft_list fields;
    struct draft_list values; /* struct rfx_dict_value */
    struct draft_list blocks;
    struct draft_list items;
    /* Made by draft_check(). */
    uint32_t *order;   /* blocks as in the tables: header, trailer, messages, components, groups */
    uint32_t *by_name; /* fields */
};

static inline struct draft_field *draft_fields(const struct rfx_draft *draft)
{
    return draft->fields.data;
}

static inline struct draft_block *draft_blocks(const struct rfx_draft *draft)
{
    return draft->blocks.data;
}

static inline struct draft_item *draft_items(const struct rfx_draft *draft)
{
    return draft->items.data;
}

static inline const char *draft_string(const struct rfx_draft *draft, uint32_t offset)
{
    return (const char *)draft->strings.data + offset;
}

static inline const char *draft_name(const struct rfx_draft *draft, uint32_t offset)
{
    return (const char *)draft->names.data + offset;
}

/* Room for `count` more elements behind the last, counted already; NULL when there is no memory,
 * which the draft then knows. */
void *draft_room(struct rfx_draft *draft, struct draft_list *list, size_t element_size,
                 uint32_t count);

/* draft_check.c: puts everything into the order of the tables and resolves every name.
 * draft_walk.c: finds what contains itself or is nested too deeply.
 * False: the draft has failed. */
bool draft_check(struct rfx_draft *draft);
bool draft_walk(struct rfx_draft *draft);

#endif
