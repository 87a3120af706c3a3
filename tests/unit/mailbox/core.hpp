/// A core on one deterministic executor, with a storage in memory.
#pragma once

#include "daemon/mailbox/mailbox.hpp"
#include "tests/simulation/world.hpp"
#include "tests/support/memory_storage.hpp"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace belfry::test {

struct Core {
    explicit Core(const IngestSettings& settings = {}, const MailboxLimits& limits = {})
        : ingest(home, storage, world, settings, metrics,
                 [this](const CommittedBatch& batch) {
                     for (const Place& place : *batch) {
                         heard.push_back(place.stream + '#' + std::to_string(place.entry.seq));
                     }
                     log.emplace_back("heard");
                 }),
          mailbox(ingest, storage, world, world, limits) {}

    /// Everything that is ready, and timers of the next `time`.
    void run(Nanos time = 0) { world.run_until(world.now() + time); }

    std::optional<Result<Published>> publish(Draft draft) {
        std::optional<Result<Published>> answer;
        mailbox.publish(std::move(draft),
                        [&](Result<Published> result) { answer = std::move(result); });
        run(kSecond);
        return answer;
    }
    std::vector<Entry> entries(const std::string& stream) {
        std::vector<Entry> found;
        mailbox.read({.stream = stream, .limit = 1000}, home,
                     [&](Result<Page> page) { found = std::move(page->entries); });
        run();
        return found;
    }

    Cursor cursor(const std::string& stream, const std::string& device) {
        Cursor found;
        mailbox.cursor(stream, device, home,
                       [&](Result<Cursor> result) { found = std::move(*result); });
        run();
        return found;
    }

    sim::World world{1};
    sim::SimExecutor& home = world.make_executor();
    MemoryStorage storage;
    Metrics metrics;
    std::vector<std::string> heard;  ///< by the listener: "stream#seq"
    std::vector<std::string> log;
    Ingest ingest;
    Mailbox mailbox;
};

inline Draft draft_to(const std::string& stream, const std::string& title = "t") {
    Draft draft;
    draft.streams.push_back(stream);
    draft.title = title;
    return draft;
}

}  // namespace belfry::test
