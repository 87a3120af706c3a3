/// Numbers and texts as bytes of the bus.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace belfry::live {

/// FNV-1a, 64 bits.
std::uint64_t fnv(std::string_view bytes);

/// LEB128.
void put_number(std::string& out, std::uint64_t number);
void put_text(std::string& out, std::string_view text);

/// Reads what put_number and put_text wrote. After a failure everything reads as 0 or empty, and
/// is_sound is false.
class BusReader {
public:
    explicit BusReader(std::string_view bytes) : rest_(bytes) {}

    std::uint64_t number();
    std::string_view text();
    /// A number of things of which each takes `least` bytes or more.
    std::uint64_t count(std::size_t least);
    void fail() {
        is_sound_ = false;
        rest_ = {};
    }
    [[nodiscard]] bool is_sound() const { return is_sound_; }
    [[nodiscard]] bool is_at_end() const { return is_sound_ && rest_.empty(); }

private:
    std::string_view rest_;
    bool is_sound_ = true;
};

}  // namespace belfry::live
