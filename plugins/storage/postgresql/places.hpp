/// Which stream gets which of the new entries.
#pragma once

#include "plugins/storage/postgresql/appends.hpp"
#include "plugins/storage/postgresql/parameter.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace belfry::postgresql {

/// The streams of some notes, each once, in the order of their names: the order they are locked in.
class Places {
public:
    /// In the order of the call. `numbers`: as what the server knows each note, from 0 on.
    Places(std::span<Note* const> notes, std::span<const std::uint32_t> numbers);

    [[nodiscard]] ArrayParameter names() const;
    /// One element where it is the same for all streams.
    [[nodiscard]] ArrayParameter counts() const;
    [[nodiscard]] ArrayParameter unreads() const;
    /// For each entry its stream, its note and which of the stream's new ones it is, all from 1 on.
    /// Without elements where the only note goes to every stream.
    struct Entries {
        ArrayParameter streams;
        ArrayParameter notes;
        ArrayParameter nth;
    };
    [[nodiscard]] Entries entries() const;

    /// From the epochs and the heads of the streams.
    void fill_results(std::span<Note* const> notes, std::span<const std::int64_t> epochs,
                      std::span<const std::int64_t> heads) const;

private:
    struct Stream {
        std::string_view name;
        std::uint32_t count = 0;
        std::uint32_t unread = 0;
        bool operator==(const Stream& other) const {
            return count == other.count && unread == other.unread;
        }
    };
    struct Place {
        std::string_view name;
        std::uint32_t note = 0;
        std::uint32_t index = 0;  ///< among the note's streams
        std::uint32_t stream = 0;
        std::uint32_t nth = 0;
    };

    void collect(std::span<Note* const> notes);
    void count(std::span<Note* const> notes);
    [[nodiscard]] ArrayParameter column(std::uint32_t Stream::* member) const;

    std::span<const std::uint32_t> numbers_;
    std::vector<Place> places_;  ///< by name, then in the order of the notes
    std::vector<Stream> streams_;
    bool is_uniform_ = true;
    bool is_fan_out_ = false;
};

}  // namespace belfry::postgresql
