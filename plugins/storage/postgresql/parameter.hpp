/// Values of statements: how they go to the server and come back.
#pragma once

#include <pqxx/binarystring>
#include <pqxx/field>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::postgresql {

/// Bytes that are sent as bytea; a plain string_view is sent as text.
struct Blob {
    std::string_view bytes;
};

/// An array in PostgreSQL's binary format: nothing is quoted here or parsed there. The statement
/// must declare the type ($1::bigint[]).
class ArrayParameter {
public:
    enum class Element : std::uint32_t { bytea = 17, int8 = 20, int2 = 21, int4 = 23, text = 25 };

    explicit ArrayParameter(Element element);

    /// For int2, int4 and int8.
    void add(std::int64_t value);
    /// For text and bytea.
    void add(std::string_view bytes);
    void add_null();
    void reserve(std::size_t bytes) { wire_.reserve(wire_.size() + bytes); }
    [[nodiscard]] std::int32_t size() const { return size_; }
    [[nodiscard]] pqxx::binarystring wire() const;

private:
    void put(std::uint64_t value, unsigned bytes);

    Element element_;
    std::int32_t size_ = 0;
    bool has_null_ = false;
    std::string wire_;
};

/// bigint[], text[] and bytea[].
ArrayParameter numbers_parameter(const std::vector<std::int64_t>& values);
ArrayParameter texts_parameter(const std::vector<std::string_view>& values);

/// The largest number PostgreSQL holds; what is above is stored as this.
inline std::int64_t to_signed(std::uint64_t value) {
    constexpr auto kMost = static_cast<std::uint64_t>(INT64_MAX);
    return static_cast<std::int64_t>(value < kMost ? value : kMost);
}

/// Text of a field; valid as long as its result.
inline std::string_view text_at(const pqxx::field& field) { return {field.c_str(), field.size()}; }
/// bigint, integer, smallint; 0 for NULL.
std::int64_t number_at(const pqxx::field& field);
inline std::uint64_t count_at(const pqxx::field& field) {
    return static_cast<std::uint64_t>(number_at(field));
}
inline bool flag_at(const pqxx::field& field) { return *field.c_str() == 't'; }
/// bytea.
std::string bytes_at(const pqxx::field& field);
/// bigint[] without NULL.
std::vector<std::int64_t> numbers_at(const pqxx::field& field);

}  // namespace belfry::postgresql
