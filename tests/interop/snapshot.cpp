#include "snapshot.h"

#include "version.h"

#include <quickfix/FixFields.h>
#include <vector>

namespace interop
{
namespace
{

using values = std::vector<std::string>; // of one entry, in the order of the group's tags

// Tags of one group: its counter, then its fields in the order they have on the wire.
struct group_tags {
    int counter;
    std::vector<int> fields;
    int nested; // counter of the group within it, 0 for none
};

const group_tags entry_tags{268, {269, 270, 271}, 453}; // MDEntryType, MDEntryPx, MDEntrySize
const group_tags party_tags{453, {448, 447, 452}, 802}; // PartyID, PartyIDSource, PartyRole
const group_tags party_sub_tags{802, {523, 803}, 0};    // PartySubID, PartySubIDType
const group_tags underlying_tags{711, {311}, 457};      // UnderlyingSymbol
const group_tags alternative_tags{457, {458, 459}, 0};  // its alternative ID, and the source

FIX::Group make(const group_tags &tags, const values &content)
{
    std::vector<int> order = tags.fields;
    if (tags.nested != 0)
        order.push_back(tags.nested);
    order.push_back(0);
    FIX::Group group(tags.counter, tags.fields.front(), order.data());
    for (std::size_t i = 0; i < content.size(); ++i)
        group.setField(tags.fields[i], content[i]);
    return group;
}

std::string text(const FIX::FieldMap &fields, int tag)
{
    return fields.isSetField(tag) ? fields.getField(tag) : "?";
}

std::string read_party(const FIX::FieldMap &entry)
{
    std::string all;
    for (unsigned i = 1; i <= entry.groupCount(party_tags.counter); ++i) {
        const FIX::FieldMap &party = entry.getGroupRef(static_cast<int>(i), party_tags.counter);
        all += " [" + text(party, 448) + ' ' + text(party, 452);
        for (unsigned k = 1; k <= party.groupCount(party_sub_tags.counter); ++k) {
            const FIX::FieldMap &sub =
                party.getGroupRef(static_cast<int>(k), party_sub_tags.counter);
            all += " (" + text(sub, 523) + ' ' + text(sub, 803) + ')';
        }
        all += ']';
    }
    return all;
}

} // namespace

FIX::Message make_snapshot(int version)
{
    FIX::Message message;
    message.getHeader().setField(FIX::FIELD::MsgType, FIX::MsgType_MarketDataSnapshotFullRefresh);
    message.setField(FIX::FIELD::MDReqID, "REQ1");
    message.setField(FIX::FIELD::Symbol, "RFX");
    if (version >= INTEROP_FIX50SP2)
        message.setField(779, "20240102-03:04:05"); // LastUpdateTime

    FIX::Group bid = make(entry_tags, {"0", "10.25", "100"});
    if (version >= INTEROP_FIX50) {
        FIX::Group party = make(party_tags, {"A", "D", "1"});
        party.addGroup(make(party_sub_tags, {"S1", "1"}));
        party.addGroup(make(party_sub_tags, {"S2", "2"}));
        bid.addGroup(party);
        bid.addGroup(make(party_tags, {"B", "D", "3"}));
    }
    message.addGroup(bid);
    message.addGroup(make(entry_tags, {"1", "10.50", "200"}));
    if (version >= INTEROP_FIX44) {
        FIX::Group underlying = make(underlying_tags, {"UND"});
        underlying.addGroup(make(alternative_tags, {"U1", "4"}));
        underlying.addGroup(make(alternative_tags, {"U2", "8"}));
        message.addGroup(underlying);
    }
    return message;
}

std::string read_snapshot(const FIX::Message &message)
{
    std::string all;
    for (unsigned i = 1; i <= message.groupCount(entry_tags.counter); ++i) {
        const FIX::FieldMap &entry = message.getGroupRef(static_cast<int>(i), entry_tags.counter);
        all += (all.empty() ? "" : " ") + text(entry, 269) + ' ' + text(entry, 270) + ' ' +
               text(entry, 271) + read_party(entry) + ';';
    }
    for (unsigned i = 1; i <= message.groupCount(underlying_tags.counter); ++i) {
        const FIX::FieldMap &entry =
            message.getGroupRef(static_cast<int>(i), underlying_tags.counter);
        all += " under " + text(entry, 311);
        for (unsigned k = 1; k <= entry.groupCount(alternative_tags.counter); ++k) {
            const FIX::FieldMap &alternative =
                entry.getGroupRef(static_cast<int>(k), alternative_tags.counter);
            all += " (" + text(alternative, 458) + ' ' + text(alternative, 459) + ')';
        }
        all += ';';
    }
    return all;
}

} // namespace interop
