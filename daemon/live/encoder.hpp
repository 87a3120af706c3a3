/// Entries to wire frames, once for all sessions that want the same bytes.
#pragma once

#include "daemon/base/bytes.hpp"
#include "daemon/live/dialect.hpp"
#include "daemon/plugin/transport.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace belfry::live {

/// A transport and a dialect. Any thread; outlives the sessions that use it.
class Encoder {
public:
    Encoder(Transport& transport, Dialect& dialect) : transport_(transport), dialect_(dialect) {}

    /// The frames of these entries, one behind the other.
    [[nodiscard]] SharedBytes frames(const std::string& stream, std::uint64_t epoch,
                                     std::span<const Entry> entries) const;
    /// A frame of a message that is no entry; `token` where it moves the position.
    [[nodiscard]] SharedBytes frame(std::string_view message, std::string_view event,
                                    std::string_view token) const;
    [[nodiscard]] SharedBytes ping() const;

    [[nodiscard]] Transport& transport() const { return transport_; }
    [[nodiscard]] Dialect& dialect() const { return dialect_; }

private:
    Transport& transport_;
    Dialect& dialect_;
};

/// The frames of one run of entries, made once for each encoder asked for.
class FrameCache {
public:
    FrameCache(const std::string& stream, std::uint64_t epoch, std::span<const Entry> entries)
        : stream_(stream), epoch_(epoch), entries_(entries) {}

    const SharedBytes& frames(const Encoder& encoder) {
        for (const auto& [made_by, frames] : made_) {
            if (made_by == &encoder) {
                return frames;
            }
        }
        return made_.emplace_back(&encoder, encoder.frames(stream_, epoch_, entries_)).second;
    }

private:
    const std::string& stream_;
    std::uint64_t epoch_;
    std::span<const Entry> entries_;
    std::vector<std::pair<const Encoder*, SharedBytes>> made_;
};

}  // namespace belfry::live
