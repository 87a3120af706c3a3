#include "plugins/storage/postgresql/appends.hpp"

#include "plugins/storage/postgresql/places.hpp"

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <utility>

namespace belfry::postgresql {

using sdk::text_of;
using sdk::view;

namespace {

using Element = ArrayParameter::Element;

/// A column of `bodies`: one element where all rows have the same value.
template <class Value>
class Column {
public:
    explicit Column(Element element) : element_(element) {}

    void add(Value value) {
        is_uniform_ = is_uniform_ && (values_.empty() || values_.front() == value);
        values_.push_back(value);
    }
    [[nodiscard]] ArrayParameter parameter() const {
        ArrayParameter array(element_);
        for (std::size_t i = 0;
             i < (is_uniform_ ? std::min<std::size_t>(values_.size(), 1) : values_.size()); ++i) {
            array.add(values_[i]);
        }
        return array;
    }

private:
    Element element_;
    bool is_uniform_ = true;
    std::vector<Value> values_;
};

using Texts = Column<std::string_view>;
using Numbers = Column<std::int64_t>;

/// The notifications, one array for each column of `bodies`.
class Columns {
public:
    explicit Columns(std::span<Note* const> notes) {
        for (std::size_t i = 0; i < notes.size(); ++i) {
            const auto& op = *notes[i]->op;
            if ((op.flags & BF_APPEND_REPEATED) != 0) {
                repeated.add(static_cast<std::int64_t>(i + 1));
            }
            add(op);
        }
    }

    ArrayParameter repeated{Element::int4};
    Numbers fans{Element::int8};
    ArrayParameter created{Element::int8};
    Numbers expires{Element::int8};
    Numbers revisions{Element::int8};
    Numbers priorities{Element::int4};
    Numbers kinds{Element::int2};
    ArrayParameter ids{Element::text};
    Texts types{Element::text};
    Texts titles{Element::text};
    Texts bodies{Element::text};
    ArrayParameter datas{Element::bytea};
    Texts data_types{Element::text};
    Texts collapse_keys{Element::text};
    Texts sources{Element::text};
    Texts event_ids{Element::text};
    Texts traces{Element::text};
    ArrayParameter hashes{Element::bytea};  ///< NULL without a pair to be remembered

private:
    void add(const bf_op_append& op) {
        const auto& note = *op.notification;
        fans.add(to_signed(op.stream_count));
        created.add(note.created_at);
        expires.add(note.expires_at);
        revisions.add(to_signed(note.revision));
        priorities.add(note.priority);
        kinds.add(op.entry_kind);
        ids.add(view(note.id));
        types.add(view(note.type));
        titles.add(view(note.title));
        bodies.add(view(note.body));
        datas.add(text_of(note.data));
        data_types.add(view(note.data_type));
        collapse_keys.add(view(note.collapse_key));
        sources.add(view(note.source));
        event_ids.add(view(note.event_id));
        traces.add(view(note.trace));
        if (note.event_id.len == 0) {
            hashes.add_null();
        } else {
            hashes.add(text_of(op.content_hash));
        }
    }
};

/// The order of the pairs, in which all nodes insert them.
class Order {
public:
    explicit Order(std::span<Note* const> notes) : sorted_(notes.begin(), notes.end()) {
        std::vector<std::uint32_t> ranks(notes.size());
        std::iota(ranks.begin(), ranks.end(), 0U);
        numbers_ = ranks;
        const auto pair_of = [&](std::uint32_t at) {
            const auto& note = *notes[at]->op->notification;
            return std::pair(view(note.source), view(note.event_id));
        };
        if (std::ranges::is_sorted(ranks, {}, pair_of)) {
            return;
        }
        std::ranges::stable_sort(ranks, {}, pair_of);
        for (std::uint32_t i = 0; i < ranks.size(); ++i) {
            sorted_[i] = notes[ranks[i]];
            numbers_[ranks[i]] = i;
            ranks_.add(std::int64_t{ranks[i]} + 1);
        }
    }

    [[nodiscard]] std::span<Note* const> notes() const { return sorted_; }
    /// Where each note of the call has gone.
    [[nodiscard]] std::span<const std::uint32_t> numbers() const { return numbers_; }
    /// Where each note in this order was, from 1 on; empty where nothing has moved.
    [[nodiscard]] const ArrayParameter& ranks() const { return ranks_; }

private:
    std::vector<Note*> sorted_;
    std::vector<std::uint32_t> numbers_;
    ArrayParameter ranks_{Element::int4};
};

void note_known(std::span<Note* const> notes, const pqxx::row& row) {
    const auto which = numbers_at(row[2]);
    const auto refs = numbers_at(row[3]);
    const auto same = numbers_at(row[4]);
    for (std::size_t i = 0; i < which.size(); ++i) {
        auto& known = notes[static_cast<std::size_t>(which[i] - 1)]->known;
        if (!known) {
            known = {refs.at(i), same.at(i) != 0};
        }
    }
}

}  // namespace

Appends::Appends(Session& session) : session_(session) {
    session_.prepare("append",
                     "SELECT * FROM @.append($1::bigint, $2::integer::boolean, $3::text[],"
                     " $4::bigint[], $5::bigint[], $6::integer[], $7::integer[], $8::integer[],"
                     " $9::integer[], $10::integer[], $11::bigint[], $12::bigint[], $13::bigint[],"
                     " $14::bigint[], $15::integer[], $16::smallint[], $17::text[], $18::text[],"
                     " $19::text[], $20::text[], $21::bytea[], $22::text[], $23::text[],"
                     " $24::text[], $25::text[], $26::text[], $27::bytea[])");
    session_.prepare("places", "SELECT * FROM @.places($1::bigint[], $2::text[])");
    session_.prepare("body_ids", "SELECT ref, id FROM @.bodies WHERE ref = ANY ($1::bigint[])");
}

bool Appends::write(std::span<Note* const> notes, std::uint64_t epoch, bool checks_pairs) {
    const Order order(notes);
    const Places places(notes, order.numbers());
    const Columns notifications(order.notes());
    const auto& n = notifications;
    const auto [of_stream, of_note, nth] = places.entries();
    const auto rows = session_.run(
        "append", epoch, checks_pairs ? 1 : 0, places.names(), places.counts(), places.unreads(),
        of_stream, of_note, nth, n.repeated, order.ranks(), n.fans.parameter(), n.created,
        n.expires.parameter(), n.revisions.parameter(), n.priorities.parameter(),
        n.kinds.parameter(), n.ids, n.types.parameter(), n.titles.parameter(), n.bodies.parameter(),
        n.datas, n.data_types.parameter(), n.collapse_keys.parameter(), n.sources.parameter(),
        n.event_ids.parameter(), n.traces.parameter(), n.hashes);
    if (!rows[0][2].is_null()) {
        note_known(order.notes(), rows[0]);
        return false;
    }
    places.fill_results(notes, numbers_at(rows[0][0]), numbers_at(rows[0][1]));
    return true;
}

void Appends::recall(std::span<Note* const> notes) {
    ArrayParameter refs(Element::int8);
    ArrayParameter refs_of_places(Element::int8);
    ArrayParameter names(Element::text);
    for (const auto* note : notes) {
        refs.add(note->known->ref);
        for (const auto& stream : std::span(note->op->streams, note->op->stream_count)) {
            refs_of_places.add(note->known->ref);
            names.add(view(stream));
        }
    }
    std::unordered_map<std::int64_t, std::string> ids;
    for (const auto& row : session_.run("body_ids", refs)) {
        ids.emplace(number_at(row[0]), text_at(row[1]));
    }
    const auto rows = session_.run("places", refs_of_places, names);
    const auto epochs = numbers_at(rows[0][0]);
    const auto seqs = numbers_at(rows[0][1]);
    std::size_t at = 0;
    for (auto* note : notes) {
        auto& result = *note->result;
        result.status = sdk::Status::duplicate;
        result.id = ids[note->known->ref];
        for (std::uint64_t i = 0; i < note->op->stream_count; ++i, ++at) {
            result.epochs.push_back(static_cast<std::uint64_t>(epochs.at(at)));
            result.seqs.push_back(static_cast<std::uint64_t>(seqs.at(at)));
        }
    }
}

}  // namespace belfry::postgresql
