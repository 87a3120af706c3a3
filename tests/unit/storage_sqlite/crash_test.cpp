#include "tests/unit/storage_sqlite/child.hpp"
#include "tests/unit/storage_sqlite/store.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <csignal>

namespace belfry::storage_test {
namespace {

using testing::ElementsAre;

/// Appends for ever; writes each acknowledged number to `acks`.
int append_for_ever(const std::string& path, std::string_view settings, int acks) {
    Store store(path, settings);
    for (std::uint64_t i = store.head("s").head + 1;; ++i) {
        auto made = note_of("n" + std::to_string(i), "src", std::to_string(i));
        made.data.assign(500, 'x');
        const auto result = store.commit(Group().append(made, {"s", "t"}, "h"));
        const auto seq = result.results.at(0).seqs.at(0);
        if (seq != i || ::write(acks, &seq, sizeof seq) != sizeof seq) {
            return 1;
        }
    }
}

void expect_nothing_is_lost(std::string_view settings) {
    const Folder folder;
    const auto path = folder.file("b.db");
    std::uint64_t acknowledged = 0;
    for (int round = 0; round < 8; ++round) {
        std::array<int, 2> pipe{};
        ASSERT_EQ(::pipe(pipe.data()), 0);
        const pid_t child = spawn([&] { return append_for_ever(path, settings, pipe[1]); });
        ::close(pipe[1]);
        const auto enough = acknowledged + 20 + static_cast<std::uint64_t>(round) * 37;
        std::uint64_t seq = 0;
        while (acknowledged < enough && ::read(pipe[0], &seq, sizeof seq) == sizeof seq) {
            acknowledged = seq;
        }
        ::kill(child, SIGKILL);
        EXPECT_EQ(exit_code(child), -SIGKILL);
        while (::read(pipe[0], &seq, sizeof seq) == sizeof seq) {
            acknowledged = seq;
        }
        ::close(pipe[0]);
    }
    Store store(path, settings);
    const auto page = store.read("s", 0, 10'000);
    EXPECT_GE(page.head.head, acknowledged);
    EXPECT_EQ(page.head.head, store.head("t").head);
    ASSERT_EQ(page.entries.size(), page.head.head);
    for (std::size_t i = 0; i < page.entries.size(); ++i) {
        EXPECT_EQ(page.entries[i].seq, i + 1);
        EXPECT_EQ(page.entries[i].notification->id, "n" + std::to_string(i + 1));
    }
    EXPECT_THAT(query(path, "PRAGMA integrity_check"), ElementsAre("ok"));
}

TEST(Crash, LosesNothingAcknowledged) { expect_nothing_is_lost(R"(,"wal_autocheckpoint":100)"); }

TEST(Crash, LosesNothingThatIsInTheJournal) {
    expect_nothing_is_lost(
        R"(,"wal_autocheckpoint":100,"write_through":0,"journal_entries":100,"recent_events":64)");
}

/// With no more than `bytes` in any file: appends until that fails, then makes room.
int fill_up(const std::string& path, rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    Store store(path);
    const rlimit small{bytes, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &small);
    std::uint64_t stored = 0;
    Outcome<sdk::Committed> last;
    for (int i = 0; i < 2'000 && last.ok(); ++i) {
        auto made = note("n");
        made.data.assign(4'000, 'x');
        Group group;
        group.append(made, {"s"});
        last = store.begin_commit({&group}).wait();
        stored += last.ok() ? 1 : 0;
    }
    if (last.status != Status::unavailable || last.retry_after == 0 || last.message.empty()) {
        return 1;
    }
    if (store.host.health("store").state != sdk::Health::down || store.head("s").head != stored) {
        return 2;
    }
    const rlimit large{RLIM_INFINITY, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &large);
    testkit::eventually("it works again",
                        [&] { return store.host.health("store").state == sdk::Health::ok; });
    if (store.append("s", "after") != stored + 1) {
        return 3;
    }
    return 0;
}

TEST(Crash, AFullDiskFailsCommitsAndHeals) {
    const Folder folder;
    const auto path = folder.file("b.db");
    EXPECT_EQ(exit_code(spawn([&] { return fill_up(path, 3U << 20U); })), 0);
    EXPECT_THAT(query(path, "PRAGMA integrity_check"), ElementsAre("ok"));
}

}  // namespace
}  // namespace belfry::storage_test
