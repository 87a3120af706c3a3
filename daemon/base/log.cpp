#include "daemon/base/log.hpp"

#include "daemon/base/time.hpp"
#include "daemon/base/utf8.hpp"

#include <sys/stat.h>
#include <syslog.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace belfry::log {
namespace {

std::atomic<Format> current_format{Format::text};
std::atomic<Level> current_level{Level::info};

constexpr std::array<std::string_view, 4> kNames{"debug", "info", "warning", "error"};
constexpr std::array<int, 4> kPriorities{LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERR};

/// systemd.exec(5): JOURNAL_STREAM names the journal's socket where standard error is one.
bool journald_reads_stderr() {
    const char* stream = std::getenv("JOURNAL_STREAM");  // NOLINT(concurrency-mt-unsafe)
    struct stat info{};
    if (stream == nullptr || fstat(STDERR_FILENO, &info) != 0) {
        return false;
    }
    return std::to_string(info.st_dev) + ":" + std::to_string(info.st_ino) == stream;
}

/// Each byte that belongs to no UTF-8 sequence becomes U+FFFD, or readers of JSON refuse the line.
std::string mend_utf8(std::string_view text) {
    std::string mended;
    while (!text.empty()) {
        std::size_t length = std::min<std::size_t>(text.size(), 4);
        while (length > 0 && !is_utf8(text.substr(0, length))) {
            --length;
        }
        mended += length == 0 ? "\xef\xbf\xbd" : text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return mended;
}

void append_escaped(std::string& out, std::string_view text) {
    if (!is_utf8(text)) {
        append_escaped(out, mend_utf8(text));
        return;
    }
    for (const char character : text) {
        if (character == '"' || character == '\\') {
            out += '\\';
            out += character;
        } else if (static_cast<unsigned char>(character) < 0x20 || character == 0x7f) {
            std::array<char, 8> code{};
            std::snprintf(code.data(), code.size(), "\\u%04x",
                          static_cast<unsigned char>(character));
            out += code.data();
        } else {
            out += character;
        }
    }
}

std::string text_line(Level level, std::string_view event, std::span<const Field> fields) {
    std::string line = to_rfc3339(system_clock().now());
    line += ' ';
    line += kNames[static_cast<std::size_t>(level)];
    line += ": ";
    append_escaped(line, event);
    for (const Field& field : fields) {
        line += ' ' + field.name + '=';
        const bool bare =
            !field.value.empty() && field.value.find_first_of(" \"=") == std::string::npos;
        line += bare ? "" : "\"";
        append_escaped(line, field.value);
        line += bare ? "" : "\"";
    }
    return line + '\n';
}

std::string json_line(Level level, std::string_view event, std::span<const Field> fields) {
    std::string line = R"({"time":")" + to_rfc3339(system_clock().now()) + R"(","level":")";
    line += kNames[static_cast<std::size_t>(level)];
    line += R"(","event":")";
    append_escaped(line, event);
    for (const Field& field : fields) {
        line += "\",\"" + field.name + "\":\"";
        append_escaped(line, field.value);
    }
    return line + "\"}\n";
}

void to_journal(Level level, std::string_view event, std::span<const Field> fields) {
    std::vector<std::string> entries;
    entries.reserve(fields.size() + 2);
    entries.push_back("PRIORITY=" + std::to_string(kPriorities[static_cast<std::size_t>(level)]));
    std::string message = "MESSAGE=" + std::string(event);
    for (const Field& field : fields) {
        message += ' ' + field.name + '=' + field.value;
        std::string name = "BELFRY_" + field.name;
        for (char& letter : name) {
            letter =
                letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
        }
        entries.push_back(name + '=' + field.value);
    }
    entries.push_back(std::move(message));
    std::vector<iovec> parts;
    parts.reserve(entries.size());
    for (std::string& entry : entries) {
        parts.push_back({entry.data(), entry.size()});
    }
    sd_journal_sendv(parts.data(), static_cast<int>(parts.size()));
}

void print(const std::string& line) {
    // One call, so that lines of several threads do not mix.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace

void configure(Format format, Level least) {
    if (format == Format::automatic) {
        format = journald_reads_stderr() ? Format::journald : Format::text;
    }
    current_format = format;
    current_level = least;
}

void write(Level level, std::string_view event, std::span<const Field> fields) {
    if (level < current_level.load(std::memory_order_relaxed)) {
        return;
    }
    switch (current_format.load(std::memory_order_relaxed)) {
        case Format::journald: to_journal(level, event, fields); break;
        case Format::json: print(json_line(level, event, fields)); break;
        case Format::automatic:
        case Format::text: print(text_line(level, event, fields)); break;
    }
}

}  // namespace belfry::log
