#include "plugins/storage/postgresql/load.hpp"

#include "plugins/storage/postgresql/load_statements.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <map>
#include <tuple>
#include <utility>

namespace belfry::postgresql {

namespace {

using Element = ArrayParameter::Element;

/// One array for each column of an INSERT.
template <std::size_t Count>
class InsertColumns {
public:
    template <class... Elements>
    explicit InsertColumns(Elements... elements) : columns_{ArrayParameter(elements)...} {}

    template <class... Values>
    void add(const Values&... values) {
        static_assert(sizeof...(Values) == Count);
        std::size_t at = 0;
        (put(columns_[at++], values), ...);
    }
    [[nodiscard]] bool empty() const { return columns_.front().size() == 0; }
    [[nodiscard]] std::int32_t size() const { return columns_.front().size(); }
    pqxx::result run(Session& session, const char* statement) const {
        return std::apply(
            [&](const auto&... columns) { return session.run(statement, columns...); }, columns_);
    }

private:
    static void put(ArrayParameter& column, const std::string& text) {
        column.add(std::string_view(text));
    }
    static void put(ArrayParameter& column, const std::string* text) {
        if (text != nullptr) {
            column.add(std::string_view(*text));
        } else {
            column.add_null();
        }
    }
    template <std::integral Number>
    static void put(ArrayParameter& column, Number number) {
        if constexpr (std::same_as<Number, std::uint64_t>) {
            column.add(to_signed(number));
        } else {
            column.add(std::int64_t{number});
        }
    }

    std::array<ArrayParameter, Count> columns_;
};

template <class... Elements>
InsertColumns(Elements...) -> InsertColumns<sizeof...(Elements)>;

constexpr auto kNumber = Element::int8;
constexpr auto kText = Element::text;
constexpr auto kBytes = Element::bytea;

/// All records of a call, sorted into the columns of their tables.
class Tables {
public:
    explicit Tables(const std::vector<sdk::Record>& records) {
        for (const auto& record : records) {
            std::visit([this](const auto& one) { add(one); }, record);
        }
        for (const auto& [name, document] : documents_) {
            add_document(*document);
        }
    }

    void write(Session& session) const {
        if (!bodies_.empty()) {
            bodies_.run(session, "load_bodies");
            session.run("load_refs", last_ref_);
        }
        if (!streams_.empty()) {
            streams_.run(session, "load_streams");
        }
        if (!entries_.empty()) {
            write_entries(session);
        }
        if (!cursors_.empty()) {
            cursors_.run(session, "load_cursors");
        }
        if (!document_rows_.empty()) {
            write_documents(session);
        }
        if (!jobs_.empty()) {
            jobs_.run(session, "load_jobs");
            session.run("load_leases", last_lease_);
        }
    }

private:
    void add(const sdk::BodyRecord& record) {
        const auto& note = *record.notification;
        bodies_.add(record.ref, record.entries, record.entry_kind,
                    record.is_remembered ? &record.content_hash : nullptr, note.id, note.revision,
                    note.type, note.title, note.body, note.data, note.data_type, note.priority,
                    note.collapse_key, note.created_at, note.expires_at, note.source, note.event_id,
                    note.trace);
        last_ref_ = std::max(last_ref_, to_signed(record.ref));
    }
    void add(const sdk::StreamRecord& record) {
        streams_.add(record.stream, record.epoch, record.earliest, record.head, record.unread);
    }
    void add(const sdk::EntryRecord& record) {
        entries_.add(record.stream, record.seq, record.ref, record.read_at, record.entry_kind,
                     record.state);
    }
    void add(const sdk::CursorRecord& record) {
        const auto& cursor = record.cursor;
        cursors_.add(record.stream, cursor.device, cursor.delivered, cursor.read, cursor.moved_at);
    }
    /// The last of a name counts.
    void add(const sdk::DocumentRecord& record) {
        documents_[{record.collection, record.document.id}] = &record;
    }
    void add(const sdk::JobRecord& record) {
        const auto& job = record.job;
        jobs_.add(job.queue, job.id, job.lane, job.state, job.due, job.attempt, job.lease,
                  record.leased_until, job.payload, job.reason);
        last_lease_ = std::max(last_lease_, to_signed(job.lease));
    }

    void add_document(const sdk::DocumentRecord& record) {
        const auto& document = record.document;
        document_names_.add(record.collection, document.id);
        document_rows_.add(record.collection, document.id, document.version, document.document);
        for (const auto& key : record.keys) {
            indexes_.add(record.collection, key.index);
            keys_.add(record.collection, key.index, document.id, key.value,
                      std::uint32_t{key.is_unique});
        }
    }

    void write_entries(Session& session) const {
        const auto written = entries_.run(session, "load_entries").affected_rows();
        if (!std::cmp_equal(written, entries_.size())) {
            throw sdk::Failure(sdk::Status::invalid,
                               "load: " + std::to_string(entries_.size()) + " entries, of which " +
                                   std::to_string(written) + " have their stream and their body");
        }
    }

    void write_documents(Session& session) const {
        document_rows_.run(session, "load_documents");
        document_names_.run(session, "load_drop_keys");
        if (keys_.empty()) {
            return;
        }
        indexes_.run(session, "load_indexes");
        keys_.run(session, "load_keys");
        if (const auto taken = document_names_.run(session, "load_taken"); !taken.empty()) {
            throw sdk::Failure(sdk::Status::conflict, "load: a value is taken in index \"" +
                                                          std::string(text_at(taken[0][1])) +
                                                          "\" of \"" +
                                                          std::string(text_at(taken[0][0])) + "\"");
        }
    }

    InsertColumns<18> bodies_{kNumber, kNumber, kNumber, kBytes, kText, kNumber,
                              kText,   kText,   kText,   kBytes, kText, kNumber,
                              kText,   kNumber, kNumber, kText,  kText, kText};
    InsertColumns<5> streams_{kText, kNumber, kNumber, kNumber, kNumber};
    InsertColumns<6> entries_{kText, kNumber, kNumber, kNumber, kNumber, kNumber};
    InsertColumns<5> cursors_{kText, kText, kNumber, kNumber, kNumber};
    InsertColumns<2> document_names_{kText, kText};
    InsertColumns<4> document_rows_{kText, kText, kNumber, kBytes};
    InsertColumns<2> indexes_{kText, kText};
    InsertColumns<5> keys_{kText, kText, kText, kText, kNumber};
    InsertColumns<10> jobs_{kText,   kText,   kText,   kNumber, kNumber,
                            kNumber, kNumber, kNumber, kBytes,  kText};
    std::map<std::pair<std::string_view, std::string_view>, const sdk::DocumentRecord*> documents_;
    std::int64_t last_ref_ = 0;
    std::int64_t last_lease_ = 0;
};

constexpr std::string_view kTaken = "23505";  // unique violation

}  // namespace

Load::Load(Session& session) : session_(session) {
    for (const auto& [name, sql] : kLoadStatements) {
        session_.prepare(name, sql);
    }
}

void Load::write(const std::vector<sdk::Record>& records) {
    const Tables batch(records);
    session_.exec("BEGIN");
    try {
        batch.write(session_);
    } catch (const SqlError& error) {
        rollback();
        if (error.state == kTaken) {
            throw sdk::Failure(sdk::Status::conflict, std::string("load: ") + error.what());
        }
        throw;
    } catch (...) {
        rollback();
        throw;
    }
    commit();
}

void Load::commit() {
    try {
        session_.exec("COMMIT");
    } catch (const SqlError& error) {
        if (error.lost) {
            throw sdk::Failure(
                sdk::Status::retry,
                std::string("load: whether it was written is not known: ") + error.what());
        }
        throw;
    }
}

void Load::rollback() {
    if (session_.is_lost()) {
        return;
    }
    try {
        session_.exec("ROLLBACK");
        // NOLINTNEXTLINE(bugprone-empty-catch)
    } catch (const SqlError&) {
        // The connection is lost, and the transaction with it.
    }
}

}  // namespace belfry::postgresql
