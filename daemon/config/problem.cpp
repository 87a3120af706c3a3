#include "daemon/config/problem.hpp"

#include "daemon/config/text.hpp"

#include <cstddef>

namespace belfry::config {
namespace {

constexpr std::size_t kShown = 60;

void append_escaped(std::string& out, char byte) {
    constexpr std::string_view kHex = "0123456789abcdef";
    const auto value = static_cast<unsigned char>(byte);
    if (byte == '\n') {
        out += "\\n";
    } else if (byte == '"' || byte == '\\') {
        out += '\\';
        out += byte;
    } else if (value < 0x20 || value == 0x7F) {
        out += "\\x";
        out += kHex[value >> 4U];
        out += kHex[value & 0xFU];
    } else {
        out += byte;
    }
}

}  // namespace

std::string to_string(const Mark& mark) {
    std::string out = mark.file == nullptr ? std::string("configuration") : *mark.file;
    if (mark.line != 0) {
        out += ':' + std::to_string(mark.line) + ':' + std::to_string(mark.column);
    }
    return out;
}

std::string to_string(const Problem& problem) {
    std::string out = to_string(problem.where) + ": ";
    if (!problem.path.empty()) {
        out += problem.path + ": ";
    }
    return out + problem.message;
}

std::string join_path(std::string_view path, std::string_view key) {
    std::string shown = quote(key);
    const bool is_plain = shown.size() == key.size() + 2;
    if (is_plain) {
        shown = key;
    }
    return path.empty() ? shown : std::string(path) + '.' + shown;
}

std::string join_path(std::string_view path, std::size_t index) {
    return std::string(path) + '[' + std::to_string(index) + ']';
}

std::string quote(std::string_view text) {
    std::size_t length = text.size();
    if (length > kShown) {
        length = kShown;
        while (length > 0 && is_continuation(text[length])) {
            --length;
        }
    }
    std::string out = "\"";
    for (const char byte : text.substr(0, length)) {
        append_escaped(out, byte);
    }
    return out + (length < text.size() ? "...\"" : "\"");
}

}  // namespace belfry::config
