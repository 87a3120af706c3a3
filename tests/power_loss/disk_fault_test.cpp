// The disk is full, or fails: nothing is accepted that is not stored, and what was is there.
#include "tests/power_loss/faults.hpp"
#include "tests/power_loss/workload.hpp"
#include "tests/unit/storage_sqlite/store.hpp"

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>

namespace belfry::power_loss {
namespace {

using conformance::Store;
using sdk::Status;
using storage_test::Folder;
using storage_test::query;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint64_t kFaultGroups = 90;

/// Of each kind of fault, so many are tried, spread over all there are.
std::uint64_t tries_asked_for() {
    const char* text = std::getenv("BELFRY_DISK_FAULTS");  // NOLINT(concurrency-mt-unsafe)
    return text == nullptr ? 24 : std::strtoul(text, nullptr, 10);
}

class DiskFault : public testing::Test {
protected:
    /// How a workload went: what was answered, and the first failure.
    struct Run {
        std::uint64_t answered = 0;
        std::uint64_t asked = 0;  ///< the last group of the call that failed
        std::optional<testkit::Outcome<sdk::Committed>> failure;
    };

    static std::string config_of(const Folder& folder) {
        return storage_test::config(folder.file("b.db"), kSmall);
    }

    /// Commits one call after the other, from a group on, until one fails.
    Run run(Store& store, std::uint64_t from) const {
        Run result{from - 1, 0, std::nullopt};
        for (auto next = from; next <= workload.size();) {
            std::vector<const conformance::Group*> call;
            for (auto left = next % 5 == 0 ? 12U : 1U; left > 0 && next <= workload.size();
                 --left) {
                call.push_back(&workload.group(next++));
            }
            auto outcome = store.begin_commit(call).wait();
            if (!outcome.ok()) {
                result.asked = next - 1;
                result.failure = std::move(outcome);
                break;
            }
            result.answered = next - 1;
        }
        return result;
    }

    /// How many operations of a kind the workload is.
    std::uint64_t count(Kind kind) {
        const Folder folder;
        FaultyDisk disk({.kind = kind});
        vfs.observe(folder.file(""), &disk);
        {
            Store store(loaded.plugin, config_of(folder));
            run(store, 1);
            store.instance.stop();
        }
        vfs.observe({}, nullptr);
        return disk.count();
    }

    /// Calls `each` with a disk that fails at one place or another, and a folder of its own.
    template <class Each>
    void sweep(FaultyDisk::Fault fault, Each each) {
        const auto all = count(fault.kind);
        ASSERT_GT(all, 20U);
        const auto tries = std::min(all, tries_asked_for());
        for (std::uint64_t i = 0; i < tries && !HasFailure(); ++i) {
            fault.nth = 1 + i * all / tries;
            SCOPED_TRACE("operation " + std::to_string(fault.nth) + " of " + std::to_string(all));
            const Folder folder;
            FaultyDisk disk(fault);
            vfs.observe(folder.file(""), &disk);
            each(folder, disk);
            vfs.observe({}, nullptr);
        }
    }

    /// A start that fails says so; null then.
    std::unique_ptr<Store> try_start(const Folder& folder) {
        try {
            return std::make_unique<Store>(loaded.plugin, config_of(folder));
        } catch (const testkit::Failed& failed) {
            EXPECT_THAT(failed.what(), HasSubstr(folder.file("b.db")));
            return nullptr;
        }
    }

    /// After a restart on a disk that works.
    void expect_groups(const Folder& folder, std::uint64_t least, std::uint64_t most) {
        {
            Store store(loaded.plugin, config_of(folder));
            const auto groups = count_groups(store);
            EXPECT_GE(groups, least);
            EXPECT_LE(groups, most);
            EXPECT_EQ(find_fault(store, workload, groups), "");
            EXPECT_FALSE(run(store, groups + 1).failure.has_value());
            store.instance.stop();
        }
        EXPECT_THAT(query(folder.file("b.db"), "PRAGMA integrity_check"), ElementsAre("ok"));
    }

    /// What is on the disk is not certain: it is neither read nor written.
    void expect_nothing_works(Store& store) {
        const auto commit = store.begin_commit({&workload.group(1)}).wait();
        EXPECT_EQ(commit.status, Status::unavailable);
        EXPECT_EQ(store.get("things", "thing 1").status, Status::unavailable);
        EXPECT_EQ(loaded.host.health("store").state, sdk::Health::down);
    }

    /// A failure that says that nothing was stored, and is true.
    void expect_refusals(const FaultyDisk::Fault& fault) {
        sweep(fault, [&](const Folder& folder, FaultyDisk& disk) {
            std::uint64_t answered = 0;
            if (auto store = try_start(folder)) {
                const auto result = run(*store, 1);
                answered = result.answered;
                if (result.failure) {
                    EXPECT_EQ(result.failure->status, Status::unavailable);
                    EXPECT_GT(result.failure->retry_after, 0);
                    EXPECT_FALSE(result.failure->message.empty());
                }
                (void)store->instance.try_stop();
            }
            disk.mend();
            expect_groups(folder, answered, answered);
        });
    }

    DiskVfs vfs;
    storage_test::Loaded loaded;
    const Workload workload{kFaultGroups};
};

TEST_F(DiskFault, AFullDiskStoresNothingAndSaysSo) {
    expect_refusals({.kind = Kind::write, .code = SQLITE_FULL, .nth = 0, .stays = true});
}

TEST_F(DiskFault, AWriteThatFailsStoresNothing) {
    expect_refusals({.kind = Kind::write, .code = SQLITE_IOERR_WRITE, .nth = 0, .stays = false});
}

TEST_F(DiskFault, AReadThatFailsStoresNothing) {
    expect_refusals({.kind = Kind::read, .code = SQLITE_IOERR_READ, .nth = 0, .stays = false});
}

TEST_F(DiskFault, GoesOnByItselfWhenThereIsRoomAgain) {
    sweep({.kind = Kind::write, .code = SQLITE_FULL, .nth = 0, .stays = true},
          [&](const Folder& folder, FaultyDisk& disk) {
              auto store = try_start(folder);
              if (store == nullptr) {
                  disk.mend();
                  return;
              }
              const auto result = run(*store, 1);
              if (result.failure) {
                  EXPECT_EQ(loaded.host.health("store").state, sdk::Health::down);
                  EXPECT_EQ(count_groups(*store), result.answered);
              }
              disk.mend();
              EXPECT_FALSE(run(*store, result.answered + 1).failure.has_value());
              EXPECT_EQ(loaded.host.health("store").state, sdk::Health::ok);
              EXPECT_EQ(find_fault(*store, workload, workload.size()), "");
              store->instance.stop();
              expect_groups(folder, workload.size(), workload.size());
          });
}

TEST_F(DiskFault, AFailedSyncIsFinal) {
    sweep({.kind = Kind::sync, .code = SQLITE_IOERR_FSYNC, .nth = 0, .stays = false},
          [&](const Folder& folder, FaultyDisk& disk) {
              auto store = try_start(folder);
              if (store == nullptr) {
                  return;
              }
              const auto result = run(*store, 1);
              if (result.failure) {
                  EXPECT_THAT(result.failure->status,
                              testing::AnyOf(Status::retry, Status::unavailable));
                  EXPECT_EQ(loaded.host.health("store").state, sdk::Health::down);
                  expect_nothing_works(*store);
              }
              (void)store->instance.try_stop();
              EXPECT_LE(disk.failures(), 1U);
              expect_groups(folder, result.answered,
                            result.failure ? result.asked : result.answered);
          });
}

}  // namespace
}  // namespace belfry::power_loss
