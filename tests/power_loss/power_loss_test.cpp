/// POINTS: how many moments of power loss are tried (600); SEED: of the workload and of what is
/// lost.
#include "tests/power_loss/image.hpp"
#include "tests/power_loss/workload.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <set>

namespace belfry::power_loss {
namespace {

using storage_test::Folder;
using storage_test::Store;

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::uint64_t seed() { return number_from("SEED", 1); }
std::uint64_t points() { return number_from("POINTS", 600); }

/// Everything that happened to the disk during a workload.
struct Trace {
    std::vector<Event> events;
    Workload workload{seed()};
};

Trace record(const std::string& more) {
    constexpr std::uint64_t kGroups = 250;
    const Folder folder;
    Trace trace;
    Disk disk(folder.file("").substr(0, folder.file("").size() - 1));
    {
        Store store(folder.file("belfry.db"), R"(,"wal_autocheckpoint":40)" + more);
        trace.workload.run(store, kGroups, [&](std::uint64_t number) { disk.acknowledge(number); });
        store.instance.stop();
    }
    trace.events = disk.events();
    return trace;
}

/// Every boundary of a sync as far as they go, and others by the seed.
std::set<std::size_t> moments(const std::vector<Event>& events) {
    std::set<std::size_t> chosen;
    for (std::size_t at = 0; at < events.size() && chosen.size() < points() / 2; ++at) {
        if (events[at].kind == Event::Kind::sync) {
            chosen.insert({at, at + 1});
        }
    }
    std::mt19937_64 random(seed());
    while (chosen.size() < std::min<std::size_t>(points(), events.size())) {
        chosen.insert(random() % (events.size() + 1));
    }
    return chosen;
}

struct Losses {
    std::size_t points = 0;
    std::size_t lost = 0;    ///< something acknowledged was not there, or a group was half there
    std::size_t broken = 0;  ///< could not be opened, written, or was found damaged
    std::string first;
};

/// Images are opened, not measured: in memory, where a sync costs nothing, if there is such a place.
void keep_images_in_memory() {
    if (std::filesystem::is_directory("/dev/shm")) {
        ::setenv("TMPDIR", "/dev/shm", 1);
    }
}

/// What is wrong with the image; `is_broken`: with the database itself.
std::string examine(const std::string& path, Workload& workload,
                    const std::vector<std::uint64_t>& acknowledged, bool& is_broken) {
    std::string wrong;
    try {
        Store store(path);
        wrong = workload.check(store, acknowledged);
        is_broken = true;
        store.append("user:after", "after");
        store.instance.stop();
        const auto integrity = storage_test::query(path, "PRAGMA integrity_check");
        if (integrity != std::vector<std::string>{"ok"}) {
            return "integrity_check: " + integrity.front();
        }
        is_broken = false;
    } catch (const std::exception& error) {
        is_broken = true;
        return error.what();
    }
    return wrong;
}

Losses sweep(Trace& trace, bool loses_syncs) {
    Losses losses;
    Medium medium(loses_syncs);
    std::vector<std::uint64_t> acknowledged;
    const auto chosen = moments(trace.events);
    keep_images_in_memory();
    for (std::size_t at = 0; at <= trace.events.size(); ++at) {
        if (chosen.contains(at)) {
            const Folder folder;
            medium.write_image(folder.file(""), seed() * 7919 + at);
            bool is_broken = false;
            const auto wrong =
                examine(folder.file("belfry.db"), trace.workload, acknowledged, is_broken);
            ++losses.points;
            losses.lost += !wrong.empty() && !is_broken ? 1U : 0U;
            losses.broken += is_broken ? 1U : 0U;
            if (losses.first.empty() && !wrong.empty()) {
                losses.first = "power lost after event " + std::to_string(at) + ": " + wrong;
            }
        }
        if (at == trace.events.size()) {
            break;
        }
        medium.apply(trace.events[at]);
        if (trace.events[at].kind == Event::Kind::acknowledge) {
            acknowledged.push_back(trace.events[at].offset);
        }
    }
    return losses;
}

TEST(PowerLoss, LosesNothingAcknowledged) {
    auto trace = record("");
    ASSERT_GT(trace.events.size(), points());
    const auto losses = sweep(trace, false);
    EXPECT_EQ(losses.lost + losses.broken, 0U) << losses.first;
    EXPECT_GE(losses.points, std::min<std::uint64_t>(points(), 500));
    RecordProperty("points", static_cast<int>(losses.points));
}

/// The proof that the sweep sees what is lost.
TEST(PowerLoss, LosesMuchWhereSyncsAreForgotten) {
    auto trace = record("");
    const auto losses = sweep(trace, true);
    EXPECT_GT(losses.lost + losses.broken, losses.points / 4) << losses.first;
}

/// synchronous=NORMAL syncs the log only before a checkpoint: what was acknowledged last may go,
/// the database does not break.
TEST(PowerLoss, LosesTheLastButBreaksNothingWhereSyncsAreSaved) {
    auto trace = record(R"(,"synchronous":"normal")");
    const auto losses = sweep(trace, false);
    EXPECT_GT(losses.lost, 0U);
    EXPECT_EQ(losses.broken, 0U) << losses.first;
}

}  // namespace
}  // namespace belfry::power_loss
