// Power is lost at every sync and anywhere between: what was answered is there, whole, in order.
#include "tests/power_loss/lost_disk.hpp"
#include "tests/power_loss/workload.hpp"
#include "tests/unit/storage_sqlite/store.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <thread>

namespace belfry::power_loss {
namespace {

using conformance::Store;
using storage_test::Folder;
using storage_test::query;
using testing::IsEmpty;

constexpr std::uint64_t kSweepGroups = 280;
constexpr std::uint64_t kSeed = 20'240'611;

/// A moment at which power is lost, and one of the states the disk may be in then.
struct Crash {
    std::size_t event;
    std::uint64_t seed;
};

struct Losses {
    std::size_t crashes = 0;
    std::size_t lost = 0;              ///< where an answered group was not there
    std::vector<std::string> damages;  ///< anything else that was wrong
};

std::size_t points_asked_for() {
    const char* text = std::getenv("BELFRY_POWER_LOSS_POINTS");  // NOLINT(concurrency-mt-unsafe)
    return text == nullptr ? 520 : std::strtoul(text, nullptr, 10);
}

/// Before and after each sync, and as many others as it takes.
std::vector<Crash> crashes_of(const std::vector<Event>& trace, std::size_t count) {
    std::mt19937_64 random(kSeed);
    std::vector<Crash> crashes;
    for (std::size_t i = 0; i < trace.size(); ++i) {
        if (trace[i].kind == Event::Kind::sync) {
            crashes.push_back({i, random()});
            crashes.push_back({i + 1, random()});
        }
    }
    while (crashes.size() < count) {
        crashes.push_back({random() % (trace.size() + 1), random()});
    }
    std::ranges::sort(crashes, {}, &Crash::event);
    return crashes;
}

class PowerLoss : public testing::Test {
protected:
    /// Runs the workload and takes down what it did to the disk.
    std::vector<Event> record(std::string_view more) {
        const Folder folder;
        Recorder recorder;
        vfs.observe(folder.file(""), &recorder);
        {
            Store store(loaded.plugin, config_of(folder, more), "recorded");
            workload.run(store, [&](std::uint64_t group) { recorder.answer(group); });
            testkit::eventually("what has arrived is in its tables", [&] {
                return loaded.host.metric("recorded", "sqlite_arrivals") == 0;
            });
            store.instance.stop();
        }
        vfs.observe({}, nullptr);
        return recorder.take();
    }

    /// Loses power at each of these moments.
    Losses lose(const std::vector<Event>& trace, const std::vector<Crash>& crashes,
                bool forgets_syncs, std::string_view more) {
        Losses losses;
        std::mutex mutex;
        LostDisk disk(forgets_syncs);
        std::size_t applied = 0;
        std::uint64_t answered = 0;
        std::size_t next = 0;
        const auto work = [&] {
            for (;;) {
                const Folder folder;
                Crash crash{};
                std::uint64_t known = 0;
                {
                    const std::lock_guard lock(mutex);
                    if (next == crashes.size()) {
                        return;
                    }
                    crash = crashes[next++];
                    for (; applied < crash.event; ++applied) {
                        disk.apply(trace[applied]);
                        answered = std::max(answered, trace[applied].group);
                    }
                    disk.write(folder.file(""), crash.seed);
                    known = answered;
                }
                std::uint64_t groups = 0;
                auto fault = examine(folder, more, groups);
                const std::lock_guard lock(mutex);
                ++losses.crashes;
                losses.lost += groups < known ? 1 : 0;
                if (!fault.empty()) {
                    losses.damages.push_back("event " + std::to_string(crash.event) + ", seed " +
                                             std::to_string(crash.seed) + ": " + fault);
                }
            }
        };
        std::thread other(work);
        work();
        other.join();
        return losses;
    }

    /// Starts on what is left -> what is wrong with it but for what is lost.
    std::string examine(const Folder& folder, std::string_view more, std::uint64_t& groups) const {
        const auto path = folder.file("b.db");
        try {
            {
                Store store(loaded.plugin, config_of(folder, more));
                groups = count_groups(store);
                if (auto fault = find_fault(store, workload, groups); !fault.empty()) {
                    return "after " + std::to_string(groups) + " groups: " + fault;
                }
                if (auto fault = go_on(store, groups); !fault.empty()) {
                    return fault;
                }
                store.instance.stop();
            }
            const auto check = query(path, "PRAGMA integrity_check");
            return check == std::vector<std::string>{"ok"} ? "" : check.at(0);
        } catch (const std::exception& error) {
            return error.what();
        }
    }

    /// An event is still known, and the next groups can be stored.
    std::string go_on(Store& store, std::uint64_t groups) const {
        if (groups != 0) {
            const auto again = store.commit(Workload::repetition(groups));
            if (again.status != sdk::Status::ok ||
                again.results.at(0).status != sdk::Status::duplicate ||
                again.results.at(0).seqs.at(0) != groups) {
                return "the event of group " + std::to_string(groups) + " is not known";
            }
        }
        for (auto number = groups + 1; number <= std::min(groups + 3, workload.size()); ++number) {
            if (const auto result = store.commit(workload.group(number));
                result.status != sdk::Status::ok) {
                return "group " + std::to_string(number) + " is refused: " + result.message;
            }
        }
        return "";
    }

    static std::string config_of(const Folder& folder, std::string_view more) {
        return storage_test::config(folder.file("b.db"), std::string(kSmall) + std::string(more));
    }

    DiskVfs vfs;
    storage_test::Loaded loaded;  // the threads share it: a plugin knows one host
    const Workload workload{kSweepGroups};
};

TEST_F(PowerLoss, LosesNothingThatWasAnswered) {
    const auto trace = record("");
    const auto losses = lose(trace, crashes_of(trace, points_asked_for()), false, "");
    EXPECT_GE(losses.crashes, 500U);
    EXPECT_EQ(losses.lost, 0U);
    EXPECT_THAT(losses.damages, IsEmpty());
}

/// The proof that these tests can fail.
TEST_F(PowerLoss, IsSeenWhereNothingIsSynced) {
    const auto trace = record("");
    const auto losses = lose(trace, crashes_of(trace, 0), true, "");
    EXPECT_GT(losses.lost, 0U);
    EXPECT_FALSE(losses.damages.empty());
}

TEST_F(PowerLoss, CostsTheLastCommitsWhereTheyAreNotSynced) {
    constexpr std::string_view kNormal = R"(,"synchronous":"normal")";
    const auto trace = record(kNormal);
    const auto losses = lose(trace, crashes_of(trace, 120), false, kNormal);
    EXPECT_GT(losses.lost, 0U);
    EXPECT_THAT(losses.damages, IsEmpty());
}

}  // namespace
}  // namespace belfry::power_loss
