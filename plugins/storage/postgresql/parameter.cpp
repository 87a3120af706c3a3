#include "plugins/storage/postgresql/parameter.hpp"

#include <charconv>
#include <stdexcept>

namespace belfry::postgresql {

namespace {

constexpr unsigned kWord = 4;
// Dimensions, has NULLs, type of the elements, how many, the index of the first.
constexpr std::size_t kHeader = 20;

unsigned width_of(ArrayParameter::Element element) {
    switch (element) {
        case ArrayParameter::Element::int2: return 2;
        case ArrayParameter::Element::int4: return 4;
        default: return 8;
    }
}

void write_word(std::string& wire, std::size_t at, std::uint32_t value) {
    for (unsigned i = 0; i < kWord; ++i) {
        wire[at + i] = static_cast<char>(value >> 8U * (kWord - 1 - i));
    }
}

unsigned digit_of(char c) {
    return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

[[noreturn]] void unexpected(const char* expected) {
    throw std::runtime_error(std::string("a result has a column that is not ") + expected);
}

}  // namespace

ArrayParameter::ArrayParameter(Element element) : element_(element), wire_(kHeader, '\0') {}

void ArrayParameter::put(std::uint64_t value, unsigned bytes) {
    for (unsigned i = bytes; i > 0; --i) {
        wire_ += static_cast<char>(value >> 8U * (i - 1));
    }
}

void ArrayParameter::add(std::int64_t value) {
    const auto width = width_of(element_);
    put(width, kWord);
    put(static_cast<std::uint64_t>(value), width);
    ++size_;
}

void ArrayParameter::add(std::string_view bytes) {
    put(bytes.size(), kWord);
    wire_ += bytes;
    ++size_;
}

void ArrayParameter::add_null() {
    put(UINT32_MAX, kWord);
    has_null_ = true;
    ++size_;
}

pqxx::binarystring ArrayParameter::wire() const {
    std::string wire = wire_;
    write_word(wire, 0, size_ == 0 ? 0 : 1);
    write_word(wire, 4, has_null_ ? 1 : 0);
    write_word(wire, 8, static_cast<std::uint32_t>(element_));
    write_word(wire, 12, static_cast<std::uint32_t>(size_));
    write_word(wire, 16, 1);
    const auto length = size_ == 0 ? kHeader - 2 * kWord : wire.size();
    return {wire.data(), length};
}

ArrayParameter numbers_parameter(const std::vector<std::int64_t>& values) {
    ArrayParameter array(ArrayParameter::Element::int8);
    array.reserve(values.size() * 12);
    for (const auto value : values) {
        array.add(value);
    }
    return array;
}

ArrayParameter texts_parameter(const std::vector<std::string_view>& values) {
    ArrayParameter array(ArrayParameter::Element::text);
    for (const auto value : values) {
        array.add(value);
    }
    return array;
}

std::int64_t number_at(const pqxx::field& field) {
    const auto text = text_at(field);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (end != text.data() + text.size() || (error != std::errc{} && !text.empty())) {
        unexpected("a whole number");
    }
    return value;
}

std::string bytes_at(const pqxx::field& field) {
    const auto text = text_at(field);
    if (field.is_null()) {
        return {};
    }
    if (!text.starts_with("\\x") || text.size() % 2 != 0) {
        unexpected("bytea in hexadecimal");
    }
    std::string bytes(text.size() / 2 - 1, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<char>(digit_of(text[2 * i + 2]) << 4U | digit_of(text[2 * i + 3]));
    }
    return bytes;
}

std::vector<std::int64_t> numbers_at(const pqxx::field& field) {
    const auto text = text_at(field);
    std::vector<std::int64_t> values;
    if (field.is_null()) {
        return values;
    }
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at != end && *at != '}') {
        std::int64_t value = 0;
        const auto [next, error] = std::from_chars(at + 1, end, value);
        if (error != std::errc{}) {
            break;
        }
        values.push_back(value);
        at = next;
    }
    if (text != "{}" && (at == end || *at != '}')) {
        unexpected("an array of whole numbers");
    }
    return values;
}

}  // namespace belfry::postgresql
