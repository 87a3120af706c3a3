/// FAULTS: how many places of a fault are tried for each kind (60).
#include "tests/power_loss/disk.hpp"
#include "tests/power_loss/workload.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <set>

namespace belfry::power_loss {
namespace {

using storage_test::Folder;
using storage_test::Store;

constexpr std::uint64_t kGroups = 60;

struct Fault {
    const char* name;
    int code;
    std::set<Event::Kind> kinds;
    bool is_final;    ///< nothing works any more until a restart
    bool is_lasting;  ///< from then on, not once
};

class DiskFaults : public testing::TestWithParam<Fault> {
protected:
    static std::uint64_t places() {
        const char* text = std::getenv("FAULTS");
        return text == nullptr ? 60 : std::strtoull(text, nullptr, 10);
    }

    /// The workload with a fault at the n-th chance -> false where it had fewer.
    static bool try_at(const Fault& fault, std::uint64_t place) {
        const Folder folder;
        const auto path = folder.file("belfry.db");
        std::atomic<std::uint64_t> chances = 0;
        std::atomic<bool> is_armed = false;
        const auto root = folder.file("");
        Disk disk(root.substr(0, root.size() - 1));
        disk.fault = [&](Event::Kind kind) -> std::optional<int> {
            if (!is_armed || !fault.kinds.contains(kind)) {
                return std::nullopt;
            }
            const auto chance = ++chances;
            return chance == place || (fault.is_lasting && chance > place)
                       ? std::optional(fault.code)
                       : std::nullopt;
        };
        Workload workload(place);
        std::vector<std::uint64_t> acknowledged;
        {
            Store store(path, R"(,"wal_autocheckpoint":20)");
            is_armed = true;
            workload.run(store, kGroups,
                         [&](std::uint64_t number) { acknowledged.push_back(number); });
            const bool has_failed = chances >= place;
            is_armed = false;
            if (!fault.is_final) {
                EXPECT_EQ(workload.check(store, acknowledged), "") << fault.name << " at " << place;
                testkit::eventually("the storage to work again", [&] {
                    const auto group = std::move(
                        storage_test::Group().append(storage_test::note("again"), {"user:again"}));
                    return store.begin_commit({&group}).wait().ok();
                });
            } else if (has_failed && acknowledged.size() < kGroups) {
                const auto group = std::move(
                    storage_test::Group().append(storage_test::note("again"), {"user:again"}));
                EXPECT_FALSE(store.begin_commit({&group}).wait().ok()) << fault.name << place;
                EXPECT_EQ(store.host.health("store").state, sdk::Health::down);
            }
            store.instance.stop();
        }
        Store again(path);
        EXPECT_EQ(workload.check(again, acknowledged), "") << fault.name << " at " << place;
        again.append("user:after", "after");
        return chances >= place;
    }
};

TEST_P(DiskFaults, LoseNothingAcknowledged) {
    std::uint64_t place = 1;
    std::uint64_t tried = 0;
    while (tried < places() && try_at(GetParam(), place)) {
        ++tried;
        place += tried < 20 ? 1 : 7;  // the first all, then some
    }
    EXPECT_GE(tried, std::min<std::uint64_t>(places(), 20));
}

using Kind = Event::Kind;

INSTANTIATE_TEST_SUITE_P(
    With, DiskFaults,
    testing::Values(Fault{"FullOnce", SQLITE_FULL, {Kind::write, Kind::truncate}, false, false},
                    Fault{
                        "FullFromThenOn", SQLITE_FULL, {Kind::write, Kind::truncate}, false, true},
                    Fault{"WriteErrorOnce", SQLITE_IOERR_WRITE, {Kind::write}, false, false},
                    Fault{"WriteErrorFromThenOn", SQLITE_IOERR_WRITE, {Kind::write}, false, true},
                    Fault{"SyncErrorOnce", SQLITE_IOERR_FSYNC, {Kind::sync}, true, false},
                    Fault{"SyncErrorFromThenOn", SQLITE_IOERR_FSYNC, {Kind::sync}, true, true}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace belfry::power_loss
