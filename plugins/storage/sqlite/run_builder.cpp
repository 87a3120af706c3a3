#include "plugins/storage/sqlite/run_builder.hpp"

#include <algorithm>
#include <bit>
#include <span>
#include <utility>

namespace belfry::sqlite {

namespace {

/// At most so many events are in a block, on average.
constexpr std::uint64_t kBlockEvents = 64;
/// What a piece of the filter costs, in events.
constexpr std::uint64_t kPieceCost = 256;

std::uint64_t prefix_of(std::uint64_t hash, std::uint32_t bits) {
    return bits == 0 ? 0 : hash >> (64 - bits);
}

}  // namespace

std::uint32_t bits_for(std::uint64_t events) {
    return static_cast<std::uint32_t>(std::bit_width(events / kBlockEvents));
}

MemorySource::MemorySource(const std::vector<Event>& events, std::uint32_t bits)
    : ends_((std::size_t{1} << bits) + 1), events_(events.size()) {
    for (const auto& event : events) {
        ++ends_[prefix_of(event.hash, bits) + 1];
    }
    for (std::size_t i = 1; i < ends_.size(); ++i) {
        ends_[i] += ends_[i - 1];
    }
    // Each place is the end of what came before, and moves to its own end.
    for (const auto& event : events) {
        events_[ends_[prefix_of(event.hash, bits)]++] = event;
    }
}

void MemorySource::read(EventRuns& /*runs*/, std::uint64_t prefix, std::uint32_t /*bits*/,
                        std::vector<Event>& events) {
    const auto first = prefix == 0 ? 0 : ends_[prefix - 1];
    const auto part = std::span(events_).subspan(first, ends_[prefix] - first);
    events.insert(events.end(), part.begin(), part.end());
}

void RunSource::read(EventRuns& runs, std::uint64_t prefix, std::uint32_t bits,
                     std::vector<Event>& events) {
    for (const auto& run : runs_) {
        runs.read(run, prefix, bits, events);
    }
}

RunBuilder::RunBuilder(EventRun run, std::unique_ptr<EventSource> source, std::uint32_t source_bits)
    : run_(std::move(run)), source_(std::move(source)), source_bits_(source_bits) {
    run_.bits = std::max(bits_for(run_.events), source_bits);
    run_.filter = std::make_shared<EventFilter>(run_.events);
}

/// All blocks of one prefix of the source.
std::size_t RunBuilder::build(EventRuns& runs, std::int64_t oldest) {
    events_.clear();
    source_->read(runs, now_.prefix, source_bits_, events_);
    const auto read = events_.size();
    std::erase_if(events_, [&](const Event& event) { return event.ref < oldest; });
    std::ranges::sort(events_);
    for (auto at = events_.begin(); at != events_.end();) {
        const auto block = prefix_of(at->hash, run_.bits);
        const auto end = std::find_if(at, events_.end(), [&](const Event& event) {
            return prefix_of(event.hash, run_.bits) != block;
        });
        runs.write_block(run_.run, block, std::span(at, end));
        at = end;
    }
    for (const auto& event : events_) {
        run_.filter->add(event.hash);
    }
    ++now_.prefix;
    return read;
}

bool RunBuilder::step(EventRuns& runs, std::uint64_t events, std::int64_t oldest) {
    const auto prefixes = std::uint64_t{1} << source_bits_;
    for (std::uint64_t done = 0; done < events;) {
        if (now_.prefix < prefixes) {
            done += 1 + build(runs, oldest);
        } else if (now_.piece < run_.filter->pieces()) {
            runs.write_piece(run_.run, now_.piece++, *run_.filter);
            done += kPieceCost;
        } else {
            runs.add(run_);
            return true;
        }
    }
    return false;
}

}  // namespace belfry::sqlite
