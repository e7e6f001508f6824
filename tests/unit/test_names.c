/* Host names become addresses beside the loops: whose answer it is, and when nobody waits any more.
 * What the system's own look-up says is not the subject. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/names.h"
#include "tests/support.h"

#define ASKERS   3
#define PATIENCE (60 * RFX_NS_PER_S)

struct rig {
    struct rfx_names *names;
    pthread_mutex_t mutex;
    pthread_cond_t woken;
    unsigned wakes[ASKERS];
};

static void wake(void *context, uint32_t asker)
{
    struct rig *rig = context;
    pthread_mutex_lock(&rig->mutex);
    rig->wakes[asker]++;
    pthread_cond_signal(&rig->woken);
    pthread_mutex_unlock(&rig->mutex);
}

static int set_up(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    struct rfx_error error;
    assert_non_null(rig);
    pthread_mutex_init(&rig->mutex, NULL);
    pthread_cond_init(&rig->woken, NULL);
    const struct rfx_names_options options = {.asker_count = ASKERS, .wake = wake, .context = rig};
    assert_int_equal(rfx_names_open(&options, &rig->names, &error), RFX_OK);
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;
    rfx_names_close(rig->names);
    pthread_cond_destroy(&rig->woken);
    pthread_mutex_destroy(&rig->mutex);
    free(rig);
    return 0;
}

static void ask(struct rig *rig, uint32_t asker, uint64_t token, const char *host)
{
    assert_null(rfx_names_ask(rig->names, asker, token, host, PATIENCE));
}

static struct rfx_name_answer *await(struct rig *rig, uint32_t asker)
{
    pthread_mutex_lock(&rig->mutex);
    while (rig->wakes[asker] == 0) {
        pthread_cond_wait(&rig->woken, &rig->mutex);
    }
    rig->wakes[asker]--;
    pthread_mutex_unlock(&rig->mutex);
    assert_true(rfx_names_has_answer(rig->names, asker));
    struct rfx_name_answer *answer = rfx_names_take(rig->names, asker);
    assert_non_null(answer);
    return answer;
}

static void test_answer_when_there_is_one_then_its_asker_alone_gets_it(void **state)
{
    struct rig *rig = *state;
    ask(rig, 1, 77, "127.0.0.1");
    struct rfx_name_answer *answer = await(rig, 1);
    const struct sockaddr_in *address = (const void *)&answer->addresses[0];
    assert_int_equal(answer->token, 77);
    assert_null(answer->problem);
    assert_int_equal(answer->count, 1);
    assert_int_equal(address->sin_family, AF_INET);
    assert_int_equal(ntohl(address->sin_addr.s_addr), INADDR_LOOPBACK);
    assert_int_equal(address->sin_port, 0);
    free(answer);
    for (uint32_t i = 0; i < ASKERS; i++) {
        assert_false(rfx_names_has_answer(rig->names, i));
        assert_null(rfx_names_take(rig->names, i));
    }
}

static void test_name_when_it_is_none_then_the_answer_says_why(void **state)
{
    struct rig *rig = *state;
    ask(rig, 0, 1, "not a name");
    struct rfx_name_answer *answer = await(rig, 0);
    assert_non_null(answer->problem);
    assert_int_equal(answer->count, 0);
    free(answer);
}

/* More than there are threads. */
static void test_questions_when_many_then_each_has_its_answer(void **state)
{
    enum { EACH = 200 };
    struct rig *rig = *state;
    for (uint64_t token = 0; token < EACH; token++) {
        for (uint32_t asker = 0; asker < ASKERS; asker++) {
            ask(rig, asker, token, token % 2 == 0 ? "127.0.0.1" : "::1");
        }
    }
    for (uint32_t asker = 0; asker < ASKERS; asker++) {
        bool is_there[EACH] = {false};
        for (int i = 0; i < EACH; i++) {
            struct rfx_name_answer *answer = await(rig, asker);
            const int family = answer->token % 2 == 0 ? AF_INET : AF_INET6;
            assert_in_range(answer->token, 0, EACH - 1);
            assert_false(is_there[answer->token]);
            is_there[answer->token] = true;
            assert_int_equal(answer->addresses[0].ss_family, family);
            free(answer);
        }
        assert_null(rfx_names_take(rig->names, asker));
    }
}

/* Behind it in the queue is one whose asker still waits. */
static void test_question_when_nobody_waits_any_more_then_not_answered(void **state)
{
    struct rig *rig = *state;
    assert_null(rfx_names_ask(rig->names, 0, 1, "127.0.0.1", 0));
    ask(rig, 0, 2, "127.0.0.1");
    struct rfx_name_answer *answer = await(rig, 0);
    assert_int_equal(answer->token, 2);
    free(answer);
    assert_false(rfx_names_has_answer(rig->names, 0));
}

static void test_questions_when_too_many_then_refused(void **state)
{
    struct rig *rig = *state;
    const char *problem = NULL;
    unsigned count = 0;
    for (; (problem = rfx_names_ask(rig->names, 0, 1, "127.0.0.1", PATIENCE)) == NULL; count++) {
    }
    assert_string_equal(problem, "too many host names wait to be resolved");
    assert_int_equal(count, 4096);
    free(await(rig, 0));
    ask(rig, 0, 1, "127.0.0.1");
}

/* With questions that wait, are being answered, and answers that nobody has taken. */
static void test_close_when_busy_then_does_not_wait_and_wakes_nobody(void **state)
{
    for (int round = 0; round < 50; round++) {
        struct rig *rig = *state;
        for (uint32_t i = 0; i < 50; i++) {
            ask(rig, i % ASKERS, i, "127.0.0.1");
        }
        assert_int_equal(tear_down(state), 0);
        assert_int_equal(set_up(state), 0);
    }
}

static void test_digits_when_there_then_nobody_is_asked(void **state)
{
    (void)state;
    struct rfx_name_answer *answer = rfx_name_of_digits("2001:db8::1");
    assert_non_null(answer);
    assert_int_equal(answer->count, 1);
    assert_int_equal(answer->addresses[0].ss_family, AF_INET6);
    free(answer);
    assert_null(rfx_name_of_digits("localhost"));
    assert_null(rfx_name_of_digits(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_answer_when_there_is_one_then_its_asker_alone_gets_it,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_name_when_it_is_none_then_the_answer_says_why, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_questions_when_many_then_each_has_its_answer, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_question_when_nobody_waits_any_more_then_not_answered,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_questions_when_too_many_then_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_close_when_busy_then_does_not_wait_and_wakes_nobody,
                                        set_up, tear_down),
        cmocka_unit_test(test_digits_when_there_then_nobody_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
