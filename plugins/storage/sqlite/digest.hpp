/// Checksums of rows, by which damage in the file is seen.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace belfry::sqlite {

/// 64 bits over texts and numbers, the same on every machine. Against faults of a disk, not against
/// people.
class Digest {
public:
    Digest& add(std::integral auto value) {
        mix(static_cast<std::uint64_t>(value));
        return *this;
    }
    Digest& add(std::string_view text) {
        mix(text.size());
        const char* at = text.data();
        std::size_t left = text.size();
        for (; left >= sizeof(std::uint64_t); left -= sizeof(std::uint64_t)) {
            mix(load(at, sizeof(std::uint64_t)));
            at += sizeof(std::uint64_t);
        }
        if (left != 0) {
            mix(load(at, left));
        }
        return *this;
    }

    [[nodiscard]] std::uint64_t value() const {
        auto word = state_;
        word = (word ^ word >> 33U) * 0xff51afd7ed558ccdULL;
        word = (word ^ word >> 33U) * 0xc4ceb9fe1a85ec53ULL;
        return word ^ word >> 33U;
    }
    /// As SQLite keeps numbers.
    [[nodiscard]] std::int64_t number() const { return static_cast<std::int64_t>(value()); }
    [[nodiscard]] std::int64_t short_number() const {
        return static_cast<std::int64_t>(value() & 0x7fffffffU);
    }

private:
    static std::uint64_t load(const char* from, std::size_t size) {
        std::uint64_t word = 0;
        std::memcpy(&word, from, size);
        if constexpr (std::endian::native == std::endian::big) {
            word = std::byteswap(word);
        }
        return word;
    }
    void mix(std::uint64_t word) {
        state_ = (state_ ^ word) * 0x9ddfea08eb382d69ULL;
        state_ ^= state_ >> 47U;
    }

    std::uint64_t state_ = 0x243f6a8885a308d3ULL;
};

}  // namespace belfry::sqlite
