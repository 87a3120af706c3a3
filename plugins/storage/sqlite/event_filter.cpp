#include "plugins/storage/sqlite/event_filter.hpp"

#include "plugins/storage/sqlite/numbers.hpp"

#include <algorithm>
#include <span>

namespace belfry::sqlite {

namespace {

constexpr std::uint64_t kBitsPerEvent = 12;
constexpr std::uint64_t kBitsPerBlock = 512;
constexpr int kBits = 6;

/// Calls `each` with the word of the block and the bit in it, for each of the event's bits, until
/// it says no.
template <class Each>
bool for_bits(std::uint64_t hash, Each each) {
    auto rest = hash * 0xc2b2ae3d27d4eb4fULL;
    for (int i = 0; i < kBits; ++i, rest <<= 9U) {
        if (!each(static_cast<std::size_t>(rest >> 61U), std::uint64_t{1} << (rest >> 55U & 63U))) {
            return false;
        }
    }
    return true;
}

}  // namespace

EventFilter::EventFilter(std::uint64_t events)
    : blocks_((events * kBitsPerEvent + kBitsPerBlock - 1) / kBitsPerBlock + 1) {}

std::size_t EventFilter::block_of(std::uint64_t hash) const {
    return static_cast<std::size_t>((hash * 0x9e3779b97f4a7c15ULL >> 32U) * blocks_.size() >> 32U);
}

void EventFilter::add(std::uint64_t hash) {
    auto& block = blocks_[block_of(hash)];
    for_bits(hash, [&](std::size_t word, std::uint64_t bit) {
        block.at(word) |= bit;
        return true;
    });
}

bool EventFilter::may_have(std::uint64_t hash) const {
    const auto& block = blocks_[block_of(hash)];
    return for_bits(
        hash, [&](std::size_t word, std::uint64_t bit) { return (block.at(word) & bit) != 0; });
}

std::size_t EventFilter::pieces() const {
    return (blocks_.size() + kPieceBlocks - 1) / kPieceBlocks;
}

std::string EventFilter::piece(std::size_t number) const {
    const auto first = number * kPieceBlocks;
    const auto count = std::min(kPieceBlocks, blocks_.size() - first);
    std::string text;
    for (const auto& block : std::span(blocks_).subspan(first, count)) {
        for (const auto word : block) {
            put_number(text, word);
        }
    }
    return text;
}

bool EventFilter::set_piece(std::size_t number, std::string_view text) {
    const auto first = number * kPieceBlocks;
    const auto count = std::min(kPieceBlocks, blocks_.size() - first);
    if (text.size() != count * sizeof(Block)) {
        return false;
    }
    for (auto& block : std::span(blocks_).subspan(first, count)) {
        for (auto& word : block) {
            word = take_number(text);
        }
    }
    return true;
}

}  // namespace belfry::sqlite
