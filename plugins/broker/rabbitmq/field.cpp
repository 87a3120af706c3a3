#include "plugins/broker/rabbitmq/field.hpp"

#include "plugins/broker/rabbitmq/names.hpp"
#include "plugins/broker/rabbitmq/table.hpp"

#include <boost/json.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <limits>
#include <utility>

namespace belfry::rabbitmq {

namespace json = boost::json;

namespace {

constexpr int kDeepest = 32;
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kLastSecond = 253'402'300'799;  // of the year 9999

template <class Number>
std::string number_text(Number number) {
    std::array<char, 64> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
    return {buffer.data(), end};
}

std::string decimal_text(const amqp_decimal_t& decimal) {
    std::string digits = std::to_string(decimal.value);
    if (decimal.decimals == 0) {
        return digits;
    }
    const std::size_t places = decimal.decimals;
    if (digits.size() <= places) {
        digits.insert(0, places + 1 - digits.size(), '0');
    }
    return digits.insert(digits.size() - places, ".");
}

std::string time_text(std::uint64_t seconds) {
    if (seconds > static_cast<std::uint64_t>(kLastSecond)) {
        return std::to_string(seconds);
    }
    const auto time = static_cast<std::time_t>(seconds);
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    std::array<char, 32> text{};
    const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return {text.data(), size};
}

json::value json_of(const amqp_field_value_t& value, int depth);

json::value json_of(const amqp_table_t& table, int depth) {
    json::object object;
    for (int i = 0; i < table.num_entries && depth < kDeepest; ++i) {
        object[text_of(table.entries[i].key)] = json_of(table.entries[i].value, depth + 1);
    }
    return object;
}

json::value json_of(const amqp_array_t& array, int depth) {
    json::array items;
    for (int i = 0; i < array.num_entries && depth < kDeepest; ++i) {
        items.push_back(json_of(array.entries[i], depth + 1));
    }
    return items;
}

json::value json_of(const amqp_field_value_t& value, int depth) {
    const auto& v = value.value;
    switch (value.kind) {
        case AMQP_FIELD_KIND_BOOLEAN: return v.boolean != 0;
        case AMQP_FIELD_KIND_I8: return v.i8;
        case AMQP_FIELD_KIND_U8: return v.u8;
        case AMQP_FIELD_KIND_I16: return v.i16;
        case AMQP_FIELD_KIND_U16: return v.u16;
        case AMQP_FIELD_KIND_I32: return v.i32;
        case AMQP_FIELD_KIND_U32: return v.u32;
        case AMQP_FIELD_KIND_I64: return v.i64;
        case AMQP_FIELD_KIND_U64: return v.u64;
        case AMQP_FIELD_KIND_F32:
            return std::isfinite(v.f32) ? json::value(v.f32) : json::value(number_text(v.f32));
        case AMQP_FIELD_KIND_F64:
            return std::isfinite(v.f64) ? json::value(v.f64) : json::value(number_text(v.f64));
        case AMQP_FIELD_KIND_TABLE: return json_of(v.table, depth);
        case AMQP_FIELD_KIND_ARRAY: return json_of(v.array, depth);
        case AMQP_FIELD_KIND_VOID: return nullptr;
        default: return json::value(text_of(value));
    }
}

void add_headers(const Message& message, Headers& headers) {
    Pool pool;
    const auto table = decode(message.headers, pool);
    for (int i = 0; i < table.num_entries; ++i) {
        const auto name = text_of(table.entries[i].key);
        if (name != kStampHeader && name != kKeyHeader) {
            headers.emplace_back(name, text_of(table.entries[i].value));
        }
    }
}

}  // namespace

std::string text_of(const amqp_field_value_t& value) {
    const auto& v = value.value;
    switch (value.kind) {
        case AMQP_FIELD_KIND_UTF8:
        case AMQP_FIELD_KIND_BYTES: return std::string(text_of(v.bytes));
        case AMQP_FIELD_KIND_TIMESTAMP: return time_text(v.u64);
        case AMQP_FIELD_KIND_DECIMAL: return decimal_text(v.decimal);
        case AMQP_FIELD_KIND_VOID: return {};
        case AMQP_FIELD_KIND_F32: return number_text(v.f32);
        case AMQP_FIELD_KIND_F64: return number_text(v.f64);
        case AMQP_FIELD_KIND_BOOLEAN:
        case AMQP_FIELD_KIND_I8:
        case AMQP_FIELD_KIND_U8:
        case AMQP_FIELD_KIND_I16:
        case AMQP_FIELD_KIND_U16:
        case AMQP_FIELD_KIND_I32:
        case AMQP_FIELD_KIND_U32:
        case AMQP_FIELD_KIND_I64:
        case AMQP_FIELD_KIND_U64:
        case AMQP_FIELD_KIND_TABLE:
        case AMQP_FIELD_KIND_ARRAY: return json::serialize(json_of(value, 0));
        default: return {};
    }
}

Headers headers_of(const Message& message) {
    Headers headers;
    add_headers(message, headers);
    for (std::size_t i = 0; i < kTexts.size(); ++i) {
        if (!kTexts.at(i).header.empty() && !message.texts.at(i).empty()) {
            headers.emplace_back(kTexts.at(i).header, message.texts.at(i));
        }
    }
    if (message.has_priority) {
        headers.emplace_back(kPriorityHeader, std::to_string(message.priority));
    }
    return headers;
}

std::string utc_text(std::int64_t time) {
    std::string text = time_text(static_cast<std::uint64_t>(time / kSecond));
    std::array<char, 16> fraction{};
    const int size =
        std::snprintf(fraction.data(), fraction.size(), ".%09d", static_cast<int>(time % kSecond));
    return text.insert(text.size() - 1, fraction.data(), static_cast<std::size_t>(size));
}

std::int64_t parse_utc(std::string_view text) {
    constexpr std::size_t kSeconds = 19;  // of 2026-01-02T03:04:05
    if (text.size() < kSeconds + 1 || text.back() != 'Z') {
        return 0;
    }
    std::tm parts{};
    const std::string head(text.substr(0, kSeconds));
    const char* const end = ::strptime(head.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (end == nullptr || *end != '\0') {
        return 0;
    }
    const std::int64_t seconds = ::timegm(&parts);
    if (seconds < 0 || seconds >= std::numeric_limits<std::int64_t>::max() / kSecond) {
        return 0;
    }
    std::int64_t time = seconds * kSecond;
    std::int64_t unit = kSecond / 10;
    for (const char digit : text.substr(kSeconds + 1, text.size() - kSeconds - 2)) {
        time += digit >= '0' && digit <= '9' ? (digit - '0') * unit : 0;
        unit /= 10;
    }
    return time;
}

}  // namespace belfry::rabbitmq
