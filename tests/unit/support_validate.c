#include "tests/unit/support_validate.h"

#include <stdlib.h>
#include <string.h>

#include "core/dict_text.h"

const char validate_groups_text[] =
    "version FIX.4.4\n"
    "header {\nBeginString *\nBodyLength *\nMsgType *\nSenderCompID *\n"
    "group NoHops {\nHopCompID\nHopRefID\n}\nTargetSubID\n}\n"
    "trailer {\nSignatureLength\nSignature\nCheckSum *\n}\n"
    "message Order D app {\nClOrdID *\nSide\n"
    "group NoPartyIDs {\nPartyID\nPartyIDSource\nPartyRole *\n"
    "group NoPartySubIDs {\nPartySubID\nPartySubIDType\n}\nPartyRoleQualifier\n}\n"
    "Text\ngroup NoAllocs {\nAllocAccount\nAllocQty\n}\n}\n"
    "message News B app {\nHeadline\n}\n"
    "field 8 BeginString STRING\nfield 9 BodyLength LENGTH\nfield 10 CheckSum STRING\n"
    "field 11 ClOrdID STRING\nfield 35 MsgType STRING\nfield 49 SenderCompID STRING\n"
    "field 54 Side CHAR {\n1 BUY\n2 SELL\n}\nfield 57 TargetSubID STRING\n"
    "field 58 Text STRING\nfield 78 NoAllocs NUMINGROUP\nfield 79 AllocAccount STRING\n"
    "field 80 AllocQty QTY\nfield 89 Signature DATA\nfield 93 SignatureLength LENGTH\n"
    "field 148 Headline STRING\nfield 447 PartyIDSource CHAR {\nC GENERAL\nD OWN\n}\n"
    "field 448 PartyID STRING\nfield 452 PartyRole INT {\n1 FIRM\n3 CLIENT\n}\n"
    "field 453 NoPartyIDs NUMINGROUP\nfield 523 PartySubID STRING\n"
    "field 627 NoHops NUMINGROUP\nfield 628 HopCompID STRING\nfield 630 HopRefID SEQNUM\n"
    "field 802 NoPartySubIDs NUMINGROUP\nfield 803 PartySubIDType INT\n"
    "field 2376 PartyRoleQualifier INT\n";

int validate_set_up(void **state)
{
    struct validate_rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    assert_int_equal(rfx_validate_scratch_open(&rig->scratch), RFX_OK);
    rig->rules = (struct rfx_rules){
        .is_checking = true,
        .checks_section_order = true,
        .checks_values_present = true,
        .checks_user_defined = true,
        .checks_group_order = true,
    };
    *state = rig;
    return 0;
}

int validate_tear_down(void **state)
{
    struct validate_rig *rig = *state;
    rfx_validate_scratch_close(rig->scratch);
    rfx_dictionary_free(rig->own);
    free(rig);
    return 0;
}

static const struct rfx_dictionary *builtin(const char *version)
{
    const struct rfx_dictionary *dictionary = rfx_dictionary_builtin(version);
    if (dictionary == NULL) {
        fail_msg("no built-in dictionary %s", version);
    }
    return dictionary;
}

struct validate_rig *validate_by(void **state, const char *version)
{
    struct validate_rig *rig = *state;
    rig->rules.transport = builtin(version);
    rig->rules.application = rig->rules.transport;
    return rig;
}

struct validate_rig *validate_by_fixt(void **state, const char *version)
{
    static const char *const versions[RFX_APPL_VERSIONS] = {
        NULL,      NULL,      "FIX.4.0", "FIX.4.1",    "FIX.4.2",
        "FIX.4.3", "FIX.4.4", "FIX.5.0", "FIX.5.0SP1", "FIX.5.0SP2"};
    struct validate_rig *rig = *state;
    rig->rules.transport = builtin("FIXT.1.1");
    rig->rules.application = builtin(version);
    for (size_t i = 0; i < RFX_APPL_VERSIONS; i++) {
        rig->rules.by_appl_ver_id[i] = versions[i] != NULL ? builtin(versions[i]) : NULL;
    }
    return rig;
}

const struct rfx_dictionary *dictionary_of(const char *text)
{
    const struct rfx_dictionary *dictionary = NULL;
    struct rfx_error error = {.text = ""};
    if (rfx_dict_read(rfx_bytes_of(text, strlen(text)), "a.dict", &dictionary, &error) != RFX_OK) {
        fail_msg("not read: %s", error.text);
    }
    return dictionary;
}

struct validate_rig *validate_by_text(void **state, const char *text)
{
    struct validate_rig *rig = *state;
    assert_null(rig->own);
    rig->own = dictionary_of(text);
    rig->rules.transport = rig->own;
    rig->rules.application = rig->own;
    return rig;
}

const struct rfx_message *validate_index(struct validate_rig *rig, const char *body)
{
    rig->text = fix_message(body);
    rfx_message_index(rig->text.data, rig->text.size, rig->fields, &rig->message);
    assert_int_equal(rig->message.malformed_index, -1);
    rig->message.rules = &rig->rules;
    return &rig->message;
}

void expect_valid(struct validate_rig *rig, const char *body)
{
    struct rfx_fault fault = {.text = "none"};
    validate_index(rig, body);
    for (int i = 0; i < 2; i++) {
        if (!rfx_validate(&rig->rules, &rig->message, rig->scratch, &fault)) {
            fail_msg("%s: reason %d, tag %d, %s", body, fault.reason, fault.ref_tag, fault.text);
        }
    }
}

void expect_fault(struct validate_rig *rig, const char *body, enum rfx_reject_reason reason,
                  int32_t ref_tag)
{
    validate_index(rig, body);
    for (int i = 0; i < 2; i++) {
        struct rfx_fault fault = {.text = NULL};
        if (rfx_validate(&rig->rules, &rig->message, rig->scratch, &fault)) {
            fail_msg("%s: valid", body);
        }
        assert_non_null(fault.text);
        if (fault.reason != reason || fault.ref_tag != ref_tag) {
            fail_msg("%s: reason %d, tag %d, %s", body, fault.reason, fault.ref_tag, fault.text);
        }
    }
}
