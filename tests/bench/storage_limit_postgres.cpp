#include "tests/bench/storage_libpq.hpp"
#include "tests/bench/storage_limit.hpp"

#include <concepts>
#include <utility>

namespace belfry::bench {
namespace {

constexpr const char* kSetUp = R"sql(
CREATE SCHEMA bare;
CREATE TABLE bare.messages (stream_id bigint, seq bigint, ref bigint, kind smallint, state integer,
    created_at bigint, id text, type text, data bytea, source text, event_id text, hash bytea);
CREATE TABLE bare.entries (stream_id bigint, seq bigint, ref bigint, kind smallint, state integer);
)sql";

/// Rows as COPY takes them in binary: numbers with their size before them, most significant byte
/// first.
class CopyRows {
public:
    CopyRows() : bytes_("PGCOPY\n\377\r\n\0", 11) {
        put<std::int32_t>(0);  // flags
        put<std::int32_t>(0);  // no extension of the header
    }

    void begin_row(std::int16_t columns) { put(columns); }
    template <std::integral Number>
    void add(Number value) {
        put<std::int32_t>(sizeof value);
        put(value);
    }
    void add(std::string_view text) {
        put(static_cast<std::int32_t>(text.size()));
        bytes_ += text;
    }
    std::string finish() && {
        put<std::int16_t>(-1);
        return std::move(bytes_);
    }

private:
    template <class Number>
    void put(Number value) {
        for (int shift = static_cast<int>(sizeof value) * 8 - 8; shift >= 0; shift -= 8) {
            bytes_ += static_cast<char>(value >> shift);
        }
    }

    std::string bytes_;
};

class PostgresLimit final : public Limit {
public:
    explicit PostgresLimit(PostgresConnection connection) : connection_(std::move(connection)) {}

    Result<Nanos> insert(std::span<const std::vector<Message>> transactions) override {
        std::vector<std::string> copies;
        copies.reserve(transactions.size());
        for (const std::vector<Message>& messages : transactions) {
            copies.push_back(rows_of(messages));
        }
        return copy_all("COPY bare.messages FROM STDIN (FORMAT binary)", copies);
    }

    Result<Nanos> insert_entries(std::uint64_t count) override {
        ++ref_;
        CopyRows rows;
        for (std::uint64_t stream = 0; stream < count; ++stream) {
            rows.begin_row(5);
            add_entry(rows, stream);
        }
        return copy_all("COPY bare.entries FROM STDIN (FORMAT binary)", {std::move(rows).finish()});
    }

    Result<std::uint64_t> count() override {
        const auto counted = connection_.run(
            "SELECT (SELECT count(*) FROM bare.messages)"
            " + (SELECT count(*) FROM bare.entries)");
        return counted ? Result<std::uint64_t>(std::stoull(*counted))
                       : std::unexpected(counted.error());
    }

private:
    Result<Nanos> copy_all(const std::string& sql, const std::vector<std::string>& copies) {
        const Nanos begin = system_clock().monotonic();
        for (const std::string& bytes : copies) {
            if (auto copied = connection_.copy(sql, bytes); !copied) {
                return std::unexpected(copied.error());
            }
        }
        return system_clock().monotonic() - begin;
    }

    void add_entry(CopyRows& rows, std::uint64_t stream) const {
        rows.add(static_cast<std::int64_t>(stream));
        rows.add(ref_);
        rows.add(ref_);
        rows.add(std::int16_t{0});
        rows.add(std::int32_t{0});
    }

    std::string rows_of(const std::vector<Message>& messages) {
        CopyRows rows;
        for (const Message& message : messages) {
            ++ref_;
            rows.begin_row(12);
            add_entry(rows, message.mailbox);
            rows.add(message.created_at);
            rows.add(message.id);
            rows.add(kMessageType);
            rows.add(message.data);
            rows.add(message.event_id.empty() ? std::string_view() : kEventSource);
            rows.add(message.event_id);
            rows.add(message.hash);
        }
        return std::move(rows).finish();
    }

    PostgresConnection connection_;
    std::int64_t ref_ = 0;
};

}  // namespace

Result<std::unique_ptr<Limit>> make_postgres_limit(const std::string& conninfo) {
    auto connection = PostgresConnection::open(conninfo);
    if (!connection) {
        return std::unexpected(connection.error());
    }
    if (auto made = connection->run(kSetUp); !made) {
        return std::unexpected(made.error());
    }
    return std::make_unique<PostgresLimit>(std::move(*connection));
}

}  // namespace belfry::bench
