#include "daemon/base/json_text.hpp"

#include <array>
#include <charconv>

namespace belfry {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool is_plain(char byte) {
    return static_cast<unsigned char>(byte) >= 0x20 && byte != '"' && byte != '\\';
}

void append_escape(std::string& out, char byte) {
    out += '\\';
    switch (byte) {
        case '"':
        case '\\': out += byte; return;
        case '\n': out += 'n'; return;
        case '\r': out += 'r'; return;
        case '\t': out += 't'; return;
        default: break;
    }
    const auto value = static_cast<unsigned char>(byte);
    out += "u00";
    out += kHex[value >> 4U];
    out += kHex[value & 15U];
}

}  // namespace

void append_json(std::string& out, std::string_view text) {
    out += '"';
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!is_plain(text[i])) {
            out.append(text.substr(begin, i - begin));
            append_escape(out, text[i]);
            begin = i + 1;
        }
    }
    out.append(text.substr(begin));
    out += '"';
}

std::string to_base64(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            const std::uint32_t byte =
                i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U;
            group = (group << 8U) | byte;
        }
        for (std::size_t k = 0; k < 4; ++k) {
            const bool is_padding = i + k > bytes.size();
            text += is_padding ? '=' : kBase64[(group >> (18U - 6U * k)) & 63U];
        }
    }
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < text.size() - padding; ++i) {
        const auto value = kBase64.find(text[i]);
        if (value == std::string_view::npos) {
            return std::nullopt;
        }
        group = (group << 6U) | static_cast<std::uint32_t>(value);
        const std::size_t have = i % 4;  // bits beyond whole bytes: 6, 4, 2, 0
        if (have != 0) {
            bytes += static_cast<char>((group >> (6U - 2U * have)) & 0xffU);
        }
    }
    return bytes;
}

void JsonObject::begin(std::string_view name) {
    if (!is_first_) {
        out_ += ',';
    }
    is_first_ = false;
    append_json(out_, name);
    out_ += ':';
}

JsonObject& JsonObject::text(std::string_view name, std::string_view value) {
    begin(name);
    append_json(out_, value);
    return *this;
}

JsonObject& JsonObject::number(std::string_view name, std::int64_t value) {
    begin(name);
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out_.append(digits.data(), end);
    return *this;
}

JsonObject& JsonObject::boolean(std::string_view name, bool value) {
    begin(name);
    out_ += value ? "true" : "false";
    return *this;
}

JsonObject& JsonObject::raw(std::string_view name, std::string_view json) {
    begin(name);
    out_ += json;
    return *this;
}

}  // namespace belfry
