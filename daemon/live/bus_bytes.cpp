#include "daemon/live/bus_bytes.hpp"

namespace belfry::live {

std::uint64_t fnv(std::string_view bytes) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char byte : bytes) {
        hash = (hash ^ static_cast<std::uint8_t>(byte)) * 0x100000001b3;
    }
    return hash;
}

void put_number(std::string& out, std::uint64_t number) {
    for (; number >= 0x80; number >>= 7U) {
        out += static_cast<char>(number | 0x80U);
    }
    out += static_cast<char>(number);
}

void put_text(std::string& out, std::string_view text) {
    put_number(out, text.size());
    out += text;
}

std::uint64_t BusReader::number() {
    constexpr unsigned kLastShift = 63;
    std::uint64_t number = 0;
    for (unsigned shift = 0; shift <= kLastShift && !rest_.empty(); shift += 7) {
        const auto byte = static_cast<std::uint8_t>(rest_.front());
        rest_.remove_prefix(1);
        if (shift == kLastShift && byte > 1) {
            break;
        }
        number |= std::uint64_t{byte & 0x7fU} << shift;
        if (byte < 0x80) {
            return number;
        }
    }
    fail();
    return 0;
}

std::string_view BusReader::text() {
    const std::uint64_t size = number();
    if (size > rest_.size()) {
        fail();
        return {};
    }
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return text;
}

std::uint64_t BusReader::count(std::size_t least) {
    const std::uint64_t count = number();
    if (count > rest_.size() / least) {
        fail();
        return 0;
    }
    return count;
}

}  // namespace belfry::live
