/// Says of most events that a run does not have them, without reading it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::sqlite {

/// A Bloom filter in blocks of one cache line: wrong for about one in 200 of what is not there,
/// never for what is. One thread.
class EventFilter {
public:
    /// For so many events.
    explicit EventFilter(std::uint64_t events);

    void add(std::uint64_t hash);
    [[nodiscard]] bool may_have(std::uint64_t hash) const;

    /// Of the text that keeps it, and how many there are.
    static constexpr std::size_t kPieceBlocks = 512;
    [[nodiscard]] std::size_t pieces() const;
    [[nodiscard]] std::string piece(std::size_t number) const;
    /// False where the text is not of this size.
    bool set_piece(std::size_t number, std::string_view text);

private:
    using Block = std::array<std::uint64_t, 8>;

    [[nodiscard]] std::size_t block_of(std::uint64_t hash) const;

    std::vector<Block> blocks_;
};

}  // namespace belfry::sqlite
