/* Another configuration for a server that is at work. What is to be done is found out first, all
 * that it needs is made ready, and then it is done session by session. */
#include <stdlib.h>
#include <string.h>

#include "core/config_compare.h"
#include "core/config_copy.h"
#include "core/config_listeners.h"
#include "core/config_texts.h"
#include "core/hash.h"
#include "core/session_name.h"
#include "io/server/ask.h"
#include "io/server/server_internal.h"
#include "ringfix/admin.h"

#define NONE SIZE_MAX

struct name {
    const char *text;
    size_t index;
};

/* One session that is, or is to be, there. Templates are treated like sessions here. */
struct step {
    const char *name;
    size_t known;    /* index, NONE: a new one */
    size_t wanted;   /* index in the new configuration, NONE: it goes */
    size_t replaces; /* index in the generation, NONE: nothing changes */
    bool is_done;
};

struct plan {
    struct rfx_server *server;
    const struct rfx_config *config; /* the new one */
    struct rfx_config_texts *texts;  /* the names */
    struct step *steps;
    size_t count;
    struct rfx_generation *generation; /* NULL: nothing to add or to change */
    bool has_template_changes;
    struct rfx_reload *report;
};

static const struct rfx_session_config *known_config(const struct plan *plan,
                                                     const struct step *step)
{
    return plan->server->known[step->known].profile->config;
}

static const struct rfx_session_config *wanted_config(const struct plan *plan,
                                                      const struct step *step)
{
    return &plan->config->sessions[step->wanted];
}

/* ------------------------------------------------------------------------- what is to be done */

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

static bool put_name(struct plan *plan, const struct rfx_session_config *config, size_t index,
                     struct name *name)
{
    char text[RFX_SESSION_NAME_MAX];
    const size_t size = rfx_session_name_of_config(config, config->target_comp_id, text);
    *name = (struct name){rfx_config_texts_add(&plan->texts, rfx_bytes_of(text, size)), index};
    return name->text != NULL;
}

/* Both lists by name; what both have is one step. */
static void merge(struct plan *plan, const struct name *known, size_t known_count,
                  const struct name *wanted, size_t wanted_count)
{
    size_t i = 0;
    size_t j = 0;
    while (i < known_count || j < wanted_count) {
        struct step *step = &plan->steps[plan->count++];
        const int order = i == known_count    ? 1
                          : j == wanted_count ? -1
                                              : strcmp(known[i].text, wanted[j].text);
        *step = (struct step){.known = NONE, .wanted = NONE, .replaces = NONE};
        if (order <= 0) {
            step->name = known[i].text;
            step->known = known[i++].index;
        }
        if (order >= 0) {
            step->name = wanted[j].text;
            step->wanted = wanted[j++].index;
        }
    }
}

static rfx_status compare(struct plan *plan, struct rfx_error *error)
{
    const struct rfx_server *server = plan->server;
    const size_t known_count = server->known_count;
    const size_t wanted_count = plan->config->session_count;
    struct name *known = calloc(known_count + 1, sizeof *known);
    struct name *wanted = calloc(wanted_count + 1, sizeof *wanted);
    plan->steps = calloc(known_count + wanted_count + 1, sizeof *plan->steps);
    bool has_memory = known != NULL && wanted != NULL && plan->steps != NULL;
    for (size_t i = 0; i < known_count && has_memory; i++) {
        has_memory = put_name(plan, server->known[i].profile->config, i, &known[i]);
    }
    for (size_t i = 0; i < wanted_count && has_memory; i++) {
        has_memory = put_name(plan, &plan->config->sessions[i], i, &wanted[i]);
    }
    if (has_memory) {
        qsort(known, known_count, sizeof *known, compare_names);
        qsort(wanted, wanted_count, sizeof *wanted, compare_names);
        merge(plan, known, known_count, wanted, wanted_count);
    }
    free(known);
    free(wanted);
    return has_memory
               ? RFX_OK
               : rfx_fail(error, RFX_E_NOMEM, "out of memory for %zu sessions", wanted_count);
}

static bool is_template(const struct plan *plan, const struct step *step)
{
    return step->wanted != NONE ? wanted_config(plan, step)->acceptor_template
                                : known_config(plan, step)->acceptor_template;
}

static bool has_listener(const struct rfx_server *server, const struct rfx_session_config *session)
{
    const struct rfx_listener home = rfx_listener_of(&server->config, session);
    for (size_t i = 0; i < server->listener_count; i++) {
        const struct rfx_loop_listener *listener = &server->listeners[0][i];
        if (listener->port == home.port && listener->use_ssl == home.use_ssl) {
            return true;
        }
    }
    return false;
}

/* What cannot be done while the server runs is refused before anything is. */
static rfx_status check_step(const struct plan *plan, const struct step *step,
                             struct rfx_error *error)
{
    if (step->wanted == NONE) {
        return RFX_OK;
    }
    const enum rfx_role role = wanted_config(plan, step)->role;
    if (step->known != NONE && known_config(plan, step)->role != role) {
        return rfx_fail(error, RFX_E_STATE,
                        "the ConnectionType of %s can change by a restart alone", step->name);
    }
    if (role == RFX_ROLE_ACCEPTOR && !has_listener(plan->server, wanted_config(plan, step))) {
        return rfx_fail(error, RFX_E_STATE,
                        "%s is an acceptor, and the server was started without its "
                        "SocketAcceptPort, or with another SocketUseSSL there; restart it",
                        step->name);
    }
    return RFX_OK;
}

/* ----------------------------------------------------------------------------- making ready */

/* The sessions that are new or different, with profiles of their own. */
static rfx_status make_generation(struct plan *plan, struct rfx_error *error)
{
    struct rfx_config chosen = *plan->config;
    struct rfx_generation *generation = calloc(1, sizeof *generation);
    chosen.sessions = calloc(plan->config->session_count + 1, sizeof *chosen.sessions);
    chosen.session_count = 0;
    if (generation == NULL || chosen.sessions == NULL) {
        free(generation);
        free(chosen.sessions);
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for the new sessions");
    }
    for (size_t i = 0; i < plan->count; i++) {
        struct step *step = &plan->steps[i];
        const bool is_same =
            step->known != NONE && step->wanted != NONE &&
            rfx_config_is_same_session(known_config(plan, step), wanted_config(plan, step));
        if (step->wanted != NONE && !is_same) {
            step->replaces = chosen.session_count;
            chosen.sessions[chosen.session_count++] = *wanted_config(plan, step);
        }
        plan->has_template_changes |= is_template(plan, step) && !is_same;
        plan->report->unchanged += is_same;
    }
    rfx_status status = rfx_config_copy(&chosen, &generation->config, error);
    free(chosen.sessions);
    if (status == RFX_OK) {
        status = rfx_profiles_open(&generation->profiles, &generation->config, error);
    }
    if (status == RFX_OK && generation->config.session_count > 0) {
        generation->next = plan->server->generations;
        plan->server->generations = generation;
        plan->generation = generation;
        return RFX_OK;
    }
    rfx_profiles_close(&generation->profiles);
    rfx_config_free(&generation->config);
    free(generation);
    return status;
}

static const struct rfx_profile *new_profile(const struct plan *plan, const struct step *step)
{
    return step->replaces != NONE ? &plan->generation->profiles.items[step->replaces] : NULL;
}

/* The one that is in force when all is done, NULL: none. */
static const struct rfx_profile *final_profile(const struct plan *plan, const struct step *step)
{
    if (step->wanted == NONE) {
        return NULL;
    }
    return step->replaces != NONE ? new_profile(plan, step)
                                  : plan->server->known[step->known].profile;
}

/* -------------------------------------------------------------------------------- sessions */

struct change {
    struct rfx_shard_change change;
    char name[RFX_SESSION_NAME_MAX];
};

static bool run_change(struct rfx_shard *shard, void *data, rfx_status *status,
                       struct rfx_error *error)
{
    *status = rfx_shard_change(shard, &((struct change *)data)->change, error);
    return true;
}

static rfx_status change_session(struct plan *plan, struct step *step, struct rfx_error *error)
{
    struct rfx_server *server = plan->server;
    struct change *data = rfx_ask_make(sizeof *data);
    if (data == NULL) {
        return rfx_fail(error, RFX_E_NOMEM, "out of memory for a change of %s", step->name);
    }
    strncpy(data->name, step->name, sizeof data->name - 1);
    data->change.name = data->name;
    data->change.profile = new_profile(plan, step);
    data->change.what = step->wanted == NONE  ? RFX_SHARD_REMOVE
                        : step->known == NONE ? RFX_SHARD_ADD
                                              : RFX_SHARD_CHANGE;
    const uint32_t shard = rfx_name_shard(step->name, strlen(step->name), server->shard_count);
    rfx_status status = rfx_ask(server, shard, data, run_change, error);
    if (status == RFX_OK) {
        step->is_done = true;
        pthread_mutex_lock(&server->mutex);
        if (step->known == NONE) {
            status = rfx_sessions_note(server, new_profile(plan, step), data->change.session)
                         ? RFX_OK
                         : rfx_fail(error, RFX_E_NOMEM, "out of memory for %s", step->name);
        } else if (step->wanted != NONE) {
            server->known[step->known].profile = new_profile(plan, step);
        }
        pthread_mutex_unlock(&server->mutex);
    }
    rfx_ask_free(data);
    return status;
}

static void count(struct plan *plan, const struct step *step)
{
    struct rfx_reload *report = plan->report;
    const char *what = "changed";
    if (step->wanted == NONE) {
        report->removed++;
        what = "removed";
    } else if (step->known == NONE) {
        report->added++;
        what = "added";
    } else {
        report->changed++;
    }
    rfx_server_log_about(plan->server, step->name, RFX_LOG_INFO, "reload: %s", what);
}

/* One that fails does not keep the others, but for a shard that does not answer. The first error
 * is kept. */
static rfx_status change_sessions(struct plan *plan, struct rfx_error *error)
{
    rfx_status first = RFX_OK;
    for (size_t i = 0; i < plan->count; i++) {
        struct step *step = &plan->steps[i];
        struct rfx_error problem = {.text = ""};
        const bool is_same = step->wanted != NONE && step->replaces == NONE;
        if (is_same || is_template(plan, step)) {
            continue;
        }
        const rfx_status status = change_session(plan, step, &problem);
        if (status == RFX_OK) {
            count(plan, step);
            continue;
        }
        plan->report->failed++;
        rfx_server_log_about(plan->server, step->name, RFX_LOG_ERROR, "reload: %s", problem.text);
        if (first == RFX_OK) {
            first = status;
            *error = problem;
        }
        if (status == RFX_E_FULL || status == RFX_E_NOMEM) {
            return first;
        }
    }
    return first;
}

/* ------------------------------------------------------------------------------- templates */

static bool run_templates(struct rfx_shard *shard, void *data, rfx_status *status,
                          struct rfx_error *error)
{
    (void)error;
    *status = RFX_OK;
    return rfx_shard_set_templates(shard, data);
}

/* For one shard: the list it will own, and behind the struct what is replaced. */
static struct rfx_shard_templates *make_templates(const struct plan *plan)
{
    const size_t room = plan->count + 1;
    struct rfx_shard_templates *made =
        rfx_ask_make(sizeof *made + 2 * room * sizeof(struct rfx_profile *));
    const struct rfx_profile **all = calloc(room, sizeof(struct rfx_profile *));
    if (made == NULL || all == NULL) {
        free(all);
        if (made != NULL) {
            rfx_ask_free(made);
        }
        return NULL;
    }
    made->all = all;
    made->before = (const struct rfx_profile **)(made + 1);
    made->after = made->before + room;
    for (size_t i = 0; i < plan->count; i++) {
        const struct step *step = &plan->steps[i];
        if (!is_template(plan, step)) {
            continue;
        }
        if (step->wanted != NONE) {
            all[made->count++] = final_profile(plan, step);
        }
        if (step->known != NONE && (step->wanted == NONE || step->replaces != NONE)) {
            made->before[made->change_count] = plan->server->known[step->known].profile;
            made->after[made->change_count++] = final_profile(plan, step);
        }
    }
    return made;
}

static rfx_status change_templates(struct plan *plan, struct rfx_error *error)
{
    struct rfx_server *server = plan->server;
    for (uint32_t i = 0; i < server->shard_count; i++) {
        struct rfx_shard_templates *templates = make_templates(plan);
        if (templates == NULL) {
            return rfx_fail(error, RFX_E_NOMEM, "out of memory for templates");
        }
        const rfx_status status = rfx_ask(server, i, templates, run_templates, error);
        if (status != RFX_OK && status != RFX_E_FULL) {
            free((void *)templates->all); /* the shard has not taken it, and will not */
        }
        rfx_ask_free(templates);
        if (status != RFX_OK) {
            return status;
        }
    }
    pthread_mutex_lock(&server->mutex);
    for (size_t i = 0; i < plan->count; i++) {
        struct step *step = &plan->steps[i];
        if (!is_template(plan, step) || (step->wanted != NONE && step->replaces == NONE)) {
            continue;
        }
        step->is_done = true;
        count(plan, step);
        if (step->known != NONE && step->wanted != NONE) {
            server->known[step->known].profile = new_profile(plan, step);
        } else if (step->known == NONE &&
                   !rfx_sessions_note(server, new_profile(plan, step), NULL)) {
            pthread_mutex_unlock(&server->mutex);
            return rfx_fail(error, RFX_E_NOMEM, "out of memory for templates");
        }
    }
    pthread_mutex_unlock(&server->mutex);
    return RFX_OK;
}

/* --------------------------------------------------------------------------------- the whole */

/* Takes those that are gone out of the list of the known. */
static void forget_removed(struct plan *plan)
{
    struct rfx_server *server = plan->server;
    size_t kept = 0;
    pthread_mutex_lock(&server->mutex);
    for (size_t i = 0; i < plan->count; i++) {
        const struct step *step = &plan->steps[i];
        if (step->known != NONE && step->wanted == NONE && step->is_done) {
            server->known[step->known].profile = NULL;
        }
    }
    for (size_t i = 0; i < server->known_count; i++) {
        if (server->known[i].profile != NULL) {
            server->known[kept++] = server->known[i];
        }
    }
    server->known_count = kept;
    pthread_mutex_unlock(&server->mutex);
}

static void note_server_settings(struct plan *plan)
{
    const char *key;
    size_t cursor = 0;
    while ((key = rfx_config_server_difference(&plan->server->config, plan->config, &cursor)) !=
           NULL) {
        plan->report->needs_restart++;
        rfx_server_log(plan->server, RFX_LOG_WARNING,
                       "reload: %s is different and takes effect at the next start", key);
    }
}

static rfx_status carry_out(struct plan *plan, struct rfx_error *error)
{
    struct rfx_error problem;
    rfx_loop_limits_set(&plan->server->limits, plan->config);
    const rfx_status templates =
        plan->has_template_changes ? change_templates(plan, error) : RFX_OK;
    const rfx_status sessions = change_sessions(plan, templates == RFX_OK ? error : &problem);
    forget_removed(plan);
    return templates != RFX_OK ? templates : sessions;
}

static rfx_status reload(struct plan *plan, struct rfx_error *error)
{
    struct rfx_tls_context *context = NULL;
    rfx_status status = compare(plan, error);
    for (size_t i = 0; i < plan->count && status == RFX_OK; i++) {
        status = check_step(plan, &plan->steps[i], error);
    }
    if (status == RFX_OK) {
        status = rfx_tls_context_open(plan->config, &context, error);
    }
    if (status == RFX_OK) {
        status = make_generation(plan, error);
    }
    if (status != RFX_OK) {
        rfx_tls_context_close(context);
        return status; /* and everything is as it was */
    }
    rfx_tls_source_replace(plan->server->tls, context); /* connections that stand keep theirs */
    note_server_settings(plan);
    status = carry_out(plan, error);
    rfx_server_log(plan->server, RFX_LOG_INFO,
                   "reload: %zu sessions added, %zu changed, %zu removed, %zu unchanged, %zu "
                   "failed",
                   plan->report->added, plan->report->changed, plan->report->removed,
                   plan->report->unchanged, plan->report->failed);
    return status;
}

rfx_status rfx_admin_reload(struct rfx_server *server, const struct rfx_config *config,
                            struct rfx_reload *report, struct rfx_error *error)
{
    struct plan plan = {.server = server, .config = config, .report = report};
    *report = (struct rfx_reload){0};
    rfx_status status = rfx_config_validate(config, error);
    if (status != RFX_OK) {
        return status;
    }
    pthread_mutex_lock(&server->reload_mutex);
    status = reload(&plan, error);
    pthread_mutex_unlock(&server->reload_mutex);
    rfx_config_texts_free(plan.texts);
    free(plan.steps);
    return status;
}
