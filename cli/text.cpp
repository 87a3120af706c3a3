#include "cli/text.hpp"

#include "daemon/base/utf8.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <cstdio>

namespace belfry::cli {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";
constexpr std::size_t kLongestSequence = 4;

/// Bytes of the UTF-8 sequence at the front; 0 where there is none.
std::size_t sequence_length(std::string_view bytes) {
    for (std::size_t length = 1; length <= std::min(kLongestSequence, bytes.size()); ++length) {
        if (is_utf8(bytes.substr(0, length))) {
            return length;
        }
    }
    return 0;
}

int exit_code_of(unsigned status) {
    switch (status) {
        case 400:
        case 413:
        case 415:
        case 422: return EX_DATAERR;
        case 401:
        case 403: return EX_NOPERM;
        case 409: return EX_CANTCREAT;
        case 429:
        case 503: return EX_TEMPFAIL;
        default: return EX_SOFTWARE;
    }
}

}  // namespace

std::string to_utf8(std::string_view bytes) {
    std::string text;
    if (is_utf8(bytes) && !bytes.contains('\0')) {
        text = bytes;
        return text;
    }
    while (!bytes.empty()) {
        const std::size_t length = bytes.front() == '\0' ? 0 : sequence_length(bytes);
        text += length == 0 ? kReplacement : bytes.substr(0, length);
        bytes.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return text;
}

std::string printable(std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string shown;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        // C1 controls are two bytes in UTF-8: c2 80 to c2 9f.
        const bool is_c1 =
            byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
        if (byte < 0x20 || byte == 0x7f || is_c1) {
            const auto code = is_c1 ? static_cast<unsigned char>(text[++i]) : byte;
            shown += byte == '\n' ? std::string("\\n")
                                  : std::string("\\x") + kHex[code >> 4U] + kHex[code & 15U];
        } else {
            shown += text[i];
        }
    }
    return shown;
}

std::string to_stream(std::string_view recipient) {
    const bool is_stream = recipient.starts_with("user:") || recipient.starts_with("topic:");
    return (is_stream ? "" : "user:") + std::string(recipient);
}

std::string to_path_segment(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    constexpr std::string_view kPlain = "-._~";
    std::string segment;
    for (const char one : text) {
        const auto byte = static_cast<unsigned char>(one);
        const bool is_plain = (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') ||
                              (one >= '0' && one <= '9') || kPlain.contains(one);
        segment +=
            is_plain ? std::string(1, one) : std::string("%") + kHex[byte >> 4U] + kHex[byte & 15U];
    }
    return segment;
}

Failure to_failure(const Answer& answer) {
    std::string message = "the daemon answered HTTP " + std::to_string(answer.status);
    boost::system::error_code error;
    const boost::json::value problem = boost::json::parse(answer.body, error);
    if (!error && problem.is_object()) {
        const auto* detail = problem.get_object().if_contains("detail");
        if (detail != nullptr && detail->is_string()) {
            message = printable(detail->get_string());
        }
    }
    return {exit_code_of(answer.status), message};
}

void print_line(std::string_view line) {
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fputc('\n', stdout);
    std::fflush(stdout);
}

}  // namespace belfry::cli
