#include "plugins/broker/rabbitmq/table.hpp"

#include <belfry/types.hpp>

#include <charconv>
#include <optional>
#include <utility>

namespace belfry::rabbitmq {

namespace json = boost::json;

namespace {

constexpr std::size_t kLargestTable = std::size_t{16} << 20U;

std::optional<std::int64_t> integer_of(const amqp_field_value_t& value) {
    switch (value.kind) {
        case AMQP_FIELD_KIND_I8: return value.value.i8;
        case AMQP_FIELD_KIND_U8: return value.value.u8;
        case AMQP_FIELD_KIND_I16: return value.value.i16;
        case AMQP_FIELD_KIND_U16: return value.value.u16;
        case AMQP_FIELD_KIND_I32: return value.value.i32;
        case AMQP_FIELD_KIND_U32: return value.value.u32;
        case AMQP_FIELD_KIND_I64: return value.value.i64;
        case AMQP_FIELD_KIND_U64:
            return std::in_range<std::int64_t>(value.value.u64)
                       ? std::optional(static_cast<std::int64_t>(value.value.u64))
                       : std::nullopt;
        default: return std::nullopt;
    }
}

bool is_text(const amqp_field_value_t& value) {
    return value.kind == AMQP_FIELD_KIND_UTF8 || value.kind == AMQP_FIELD_KIND_BYTES;
}

}  // namespace

amqp_field_value_t& Table::next(std::string_view name, amqp_field_value_kind_t kind) {
    auto& entry = entries_.emplace_back();
    entry.key = bytes_of(keep(name));
    entry.value.kind = static_cast<std::uint8_t>(kind);
    return entry.value;
}

void Table::add(std::string_view name, std::string_view text) {
    const auto kept = keep(text);
    next(name, AMQP_FIELD_KIND_UTF8).value.bytes = bytes_of(kept);
}

void Table::add(std::string_view name, std::int64_t number) {
    next(name, AMQP_FIELD_KIND_I64).value.i64 = number;
}

void Table::add_bool(std::string_view name, bool value) {
    next(name, AMQP_FIELD_KIND_BOOLEAN).value.boolean = value ? 1 : 0;
}

void Table::add(std::string_view name, const amqp_table_t& table) {
    next(name, AMQP_FIELD_KIND_TABLE).value.table = table;
}

void Table::add_all(const json::object& object) {
    for (const auto& member : object) {
        const auto value = value_of(member.key(), member.value());
        entries_.push_back({bytes_of(keep(member.key())), value});
    }
}

amqp_table_t Table::table_of(std::string_view name, const json::object& from) {
    std::vector<amqp_table_entry_t> entries;
    for (const auto& member : from) {
        const auto value = value_of(name, member.value());
        entries.push_back({bytes_of(keep(member.key())), value});
    }
    auto& kept = tables_.emplace_back(std::move(entries));
    return {static_cast<int>(kept.size()), kept.data()};
}

amqp_field_value_t Table::value_of(std::string_view name, const json::value& from) {
    amqp_field_value_t value{};
    switch (from.kind()) {
        case json::kind::bool_:
            value.kind = AMQP_FIELD_KIND_BOOLEAN;
            value.value.boolean = from.get_bool() ? 1 : 0;
            return value;
        case json::kind::int64:
            value.kind = AMQP_FIELD_KIND_I64;
            value.value.i64 = from.get_int64();
            return value;
        case json::kind::double_:
            value.kind = AMQP_FIELD_KIND_F64;
            value.value.f64 = from.get_double();
            return value;
        case json::kind::string:
            value.kind = AMQP_FIELD_KIND_UTF8;
            value.value.bytes = bytes_of(keep(from.get_string()));
            return value;
        case json::kind::object:
            value.kind = AMQP_FIELD_KIND_TABLE;
            value.value.table = table_of(name, from.get_object());
            return value;
        case json::kind::array: {
            std::vector<amqp_field_value_t> items;
            for (const auto& item : from.get_array()) {
                items.push_back(value_of(name, item));
            }
            auto& kept = arrays_.emplace_back(std::move(items));
            value.kind = AMQP_FIELD_KIND_ARRAY;
            value.value.array = {static_cast<int>(kept.size()), kept.data()};
            return value;
        }
        default:
            throw sdk::Failure(sdk::Status::invalid,
                               "arguments." + std::string(name) +
                                   ": expected a text, number, boolean, object or array, found " +
                                   json::serialize(from));
    }
}

amqp_table_t Table::get() const {
    return {static_cast<int>(entries_.size()), const_cast<amqp_table_entry_t*>(entries_.data())};
}

std::string encode(const amqp_table_t& table) {
    if (table.num_entries == 0) {
        return {};
    }
    amqp_table_t copy = table;
    std::string buffer(1'024, '\0');
    while (buffer.size() <= kLargestTable) {
        std::size_t offset = 0;
        if (amqp_encode_table(bytes_of(buffer), &copy, &offset) == AMQP_STATUS_OK) {
            buffer.resize(offset);
            return buffer;
        }
        buffer.resize(buffer.size() * 4);
    }
    return {};
}

amqp_table_t decode(std::string_view encoded, Pool& pool) {
    amqp_table_t table{};
    std::size_t offset = 0;
    if (encoded.empty() ||
        amqp_decode_table(bytes_of(encoded), pool.get(), &table, &offset) != AMQP_STATUS_OK) {
        return {};
    }
    return table;
}

const amqp_field_value_t* find(const amqp_table_t& table, std::string_view name) {
    for (int i = 0; i < table.num_entries; ++i) {
        if (text_of(table.entries[i].key) == name) {
            return &table.entries[i].value;
        }
    }
    return nullptr;
}

std::string_view text_at(const amqp_table_t& table, std::string_view name) {
    const auto* value = find(table, name);
    return value != nullptr && is_text(*value) ? text_of(value->value.bytes) : std::string_view();
}

std::uint64_t number_at(const amqp_table_t& table, std::string_view name) {
    const auto* value = find(table, name);
    if (value == nullptr) {
        return 0;
    }
    if (is_text(*value)) {
        std::uint64_t number = 0;
        const auto text = text_of(value->value.bytes);
        const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
        const bool is_whole = result.ec == std::errc() && result.ptr == text.data() + text.size();
        return is_whole ? number : 0;
    }
    const auto number = integer_of(*value);
    return number && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
}

}  // namespace belfry::rabbitmq
