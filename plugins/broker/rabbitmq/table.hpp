/// AMQP's field tables: made, encoded, decoded.
#pragma once

#include <amqp.h>
#include <boost/json.hpp>

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::rabbitmq {

inline std::string_view text_of(amqp_bytes_t bytes) {
    return {static_cast<const char*>(bytes.bytes), bytes.len};
}
/// Borrows.
inline amqp_bytes_t bytes_of(std::string_view text) {
    return {text.size(), const_cast<char*>(text.data())};
}

/// Memory of decoded tables.
class Pool {
public:
    Pool() { init_amqp_pool(&pool_, kPage); }
    ~Pool() { empty_amqp_pool(&pool_); }
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    [[nodiscard]] amqp_pool_t* get() { return &pool_; }

private:
    static constexpr std::size_t kPage = 4'096;
    amqp_pool_t pool_{};
};

/// A table in the making; owns its names and texts. Not moved: its entries point into it.
class Table {
public:
    Table() = default;
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;

    void add(std::string_view name, std::string_view text);
    void add(std::string_view name, std::int64_t number);
    void add_bool(std::string_view name, bool value);
    /// `table` is borrowed.
    void add(std::string_view name, const amqp_table_t& table);
    /// An entry of another table, borrowed.
    void add(const amqp_table_entry_t& entry) { entries_.push_back(entry); }
    /// Members as AMQP has them; throws sdk::Failure (invalid) naming what it has no type for.
    void add_all(const boost::json::object& object);

    /// Borrows from this.
    [[nodiscard]] amqp_table_t get() const;

private:
    std::string_view keep(std::string_view text) { return texts_.emplace_back(text); }
    amqp_field_value_t& next(std::string_view name, amqp_field_value_kind_t kind);
    amqp_field_value_t value_of(std::string_view name, const boost::json::value& from);
    amqp_table_t table_of(std::string_view name, const boost::json::object& from);

    std::vector<amqp_table_entry_t> entries_;
    std::deque<std::string> texts_;
    std::deque<std::vector<amqp_table_entry_t>> tables_;
    std::deque<std::vector<amqp_field_value_t>> arrays_;
};

/// As on the wire; empty for a table without entries, and where it is larger than any frame.
[[nodiscard]] std::string encode(const amqp_table_t& table);
/// The opposite; what it points to is in `pool` and in `encoded`.
[[nodiscard]] amqp_table_t decode(std::string_view encoded, Pool& pool);

[[nodiscard]] const amqp_field_value_t* find(const amqp_table_t& table, std::string_view name);
/// The text of that entry; empty where it is not there or no text.
[[nodiscard]] std::string_view text_at(const amqp_table_t& table, std::string_view name);
/// The number of that entry, also where it is written as text; 0 where it is not there, negative,
/// or no number.
[[nodiscard]] std::uint64_t number_at(const amqp_table_t& table, std::string_view name);

}  // namespace belfry::rabbitmq
