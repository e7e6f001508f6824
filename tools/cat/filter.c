#include "tools/cat/filter.h"

#include <string.h>

#include "tools/cat/scan.h"

bool filter_is_set(const struct options *options)
{
    return options->sender != NULL || options->types != NULL || options->tag_count > 0 ||
           options->has_from || options->has_to;
}

static bool is_text(struct rfx_bytes value, const char *text)
{
    return value.size == strlen(text) && memcmp(value.data, text, value.size) == 0;
}

static bool is_session(const struct options *options, struct rfx_bytes sender,
                       struct rfx_bytes target)
{
    return options->sender == NULL ||
           (is_text(sender, options->sender) && is_text(target, options->target)) ||
           (is_text(sender, options->target) && is_text(target, options->sender));
}

/* One of the types named, by itself or by the message's name. */
static bool is_type(const struct options *options, const struct names *names, struct rfx_bytes type)
{
    for (const char *at = options->types; at != NULL && *at != '\0';) {
        char name[64];
        const size_t size = strcspn(at, ",");
        if (size < sizeof name) {
            memcpy(name, at, size);
            name[size] = '\0';
            const char *named = names_type(names, name);
            if (is_text(type, name) || (named != NULL && is_text(type, named))) {
                return true;
            }
        }
        at += size + (at[size] == ',');
    }
    return options->types == NULL;
}

static bool is_in_time(const struct options *options, struct rfx_bytes sending_time)
{
    int64_t utc_ns;
    if (!options->has_from && !options->has_to) {
        return true;
    }
    return rfx_value_utc(sending_time, &utc_ns) == RFX_OK &&
           (!options->has_from || utc_ns >= options->from_utc_ns) &&
           (!options->has_to || utc_ns <= options->to_utc_ns);
}

bool filter_takes(const struct options *options, const struct names *names,
                  struct rfx_bytes message)
{
    struct scan_fields fields = {.bytes = message};
    struct rfx_bytes type = {"", 0};
    struct rfx_bytes sender = {"", 0};
    struct rfx_bytes target = {"", 0};
    struct rfx_bytes sending_time = {"", 0};
    struct rfx_bytes value;
    int32_t tag;
    uint32_t missing = options->tag_count < 32 ? (1u << options->tag_count) - 1 : UINT32_MAX;
    while (scan_next_field(&fields, &tag, &value)) {
        struct rfx_bytes *place = tag == 35   ? &type
                                  : tag == 49 ? &sender
                                  : tag == 56 ? &target
                                  : tag == 52 ? &sending_time
                                              : NULL;
        if (place != NULL && place->size == 0) {
            *place = value;
        }
        for (size_t i = 0; i < options->tag_count; i++) {
            const struct options_tag *wanted = &options->tags[i];
            if (tag == wanted->tag &&
                (!wanted->has_value || (value.size == wanted->value.size &&
                                        memcmp(value.data, wanted->value.data, value.size) == 0))) {
                missing &= ~(1u << i);
            }
        }
    }
    return missing == 0 && is_session(options, sender, target) && is_type(options, names, type) &&
           is_in_time(options, sending_time);
}
