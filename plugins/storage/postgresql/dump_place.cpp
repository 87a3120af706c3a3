#include "plugins/storage/postgresql/dump_place.hpp"

#include "plugins/storage/postgresql/reader_text.hpp"

#include <array>
#include <charconv>

namespace belfry::postgresql {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

[[noreturn]] void unreadable() {
    throw sdk::Failure(sdk::Status::invalid, "dump: expected a place that a dump has given");
}

std::string to_hex(std::string_view bytes) {
    std::string hex;
    hex.reserve(2 * bytes.size());
    for (const char c : bytes) {
        hex += kDigits[static_cast<unsigned char>(c) >> 4U];
        hex += kDigits[static_cast<unsigned char>(c) & 0xfU];
    }
    return hex;
}

std::string from_hex(std::string_view hex) {
    std::string bytes;
    if (hex.size() % 2 != 0) {
        unreadable();
    }
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const auto high = kDigits.find(hex[i]);
        const auto low = kDigits.find(hex[i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) {
            unreadable();
        }
        bytes += static_cast<char>(high << 4U | low);
    }
    if (!is_text(bytes)) {
        unreadable();
    }
    return bytes;
}

std::uint64_t number_of(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number > INT64_MAX) {
        unreadable();
    }
    return number;
}

struct Namer {
    DumpPlace operator()(const sdk::BodyRecord& record) const {
        return {BF_RECORD_BODY, record.ref, {}, {}};
    }
    DumpPlace operator()(const sdk::StreamRecord& record) const {
        return {BF_RECORD_STREAM, 0, record.stream, {}};
    }
    DumpPlace operator()(const sdk::EntryRecord& record) const {
        return {BF_RECORD_ENTRY, record.seq, record.stream, {}};
    }
    DumpPlace operator()(const sdk::CursorRecord& record) const {
        return {BF_RECORD_CURSOR, 0, record.stream, record.cursor.device};
    }
    DumpPlace operator()(const sdk::DocumentRecord& record) const {
        return {BF_RECORD_DOCUMENT, 0, record.collection, record.document.id};
    }
    DumpPlace operator()(const sdk::JobRecord& record) const {
        return {BF_RECORD_JOB, 0, record.job.queue, record.job.id};
    }
};

}  // namespace

DumpPlace place_of(const sdk::Record& record) { return std::visit(Namer{}, record); }

std::string print(const DumpPlace& place) {
    return std::to_string(place.kind) + ":" + std::to_string(place.number) + ":" +
           to_hex(place.first) + ":" + to_hex(place.second);
}

DumpPlace parse_place(std::string_view text) {
    if (text.empty()) {
        return {};
    }
    std::array<std::string_view, 4> parts;
    for (auto& part : parts) {
        const auto end = text.find(':');
        if ((end == std::string_view::npos) != (&part == &parts.back())) {
            unreadable();
        }
        part = text.substr(0, end);
        text.remove_prefix(std::min(text.size(), part.size() + 1));
    }
    const auto kind = number_of(parts[0]);
    if (kind < BF_RECORD_BODY || kind > BF_RECORD_JOB) {
        unreadable();
    }
    return {static_cast<std::uint32_t>(kind), number_of(parts[1]), from_hex(parts[2]),
            from_hex(parts[3])};
}

}  // namespace belfry::postgresql
