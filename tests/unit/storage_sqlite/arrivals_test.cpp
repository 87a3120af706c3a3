// Entries that are in the journal before they are in their table.
#include "tests/unit/storage_sqlite/store.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

namespace belfry::storage_test {
namespace {

using testing::ElementsAre;

constexpr std::string_view kJournaled = R"(,"write_through":0,"journal_entries":100)";
constexpr int kStreams = 20;

std::string stream_of(int number) { return "user:" + std::to_string(number % kStreams); }

class Arrivals : public testing::Test {
protected:
    /// One call of many entries, some for each stream.
    void fill(int call) {
        std::vector<Group> groups(60);
        std::vector<const Group*> pointers;
        for (std::size_t i = 0; i < groups.size(); ++i) {
            const auto number = call * 60 + static_cast<int>(i);
            groups[i].append(note(std::to_string(number)), {stream_of(number), "all"});
            pointers.push_back(&groups[i]);
        }
        for (const auto& result : store.commit_all(pointers)) {
            ASSERT_EQ(result.status, Status::ok) << result.message;
        }
    }
    /// Empty where a page agrees with itself.
    std::string fault_of(const sdk::Page& page) {
        std::uint64_t expected = page.head.earliest;
        std::uint64_t unread = 0;
        long last = -1;
        for (const auto& entry : page.entries) {
            const auto number = std::stol(entry.notification->id);
            if (entry.seq != expected++ || number <= last) {
                return page.head.stream + " " + std::to_string(entry.seq) + " is out of order";
            }
            unread += (entry.state & BF_STATE_READ) == 0 ? 1 : 0;
            last = number;
        }
        if (page.head.exists && (expected != page.head.head + 1 || unread != page.head.unread)) {
            return page.head.stream + ": entries up to " + std::to_string(expected - 1) + ", " +
                   std::to_string(unread) + " unread; head " + std::to_string(page.head.head) +
                   ", " + std::to_string(page.head.unread) + " unread";
        }
        return "";
    }
    void expect_settled() {
        testkit::eventually("all entries have their rows",
                            [&] { return store.host.metric("store", "sqlite_arrivals") == 0; });
    }

    Folder folder;
    std::string path = folder.file("b.db");
    Store store{path, kJournaled};
};

TEST_F(Arrivals, AreReadInOneStateWhereverTheyAre) {
    std::atomic<bool> is_ending = false;
    std::string fault;
    std::uint64_t pages = 0;
    std::thread reader([&] {
        std::uint64_t seen = 0;
        for (int i = 0; !is_ending && fault.empty(); ++i) {
            const auto page = store.read(i % 3 == 0 ? "all" : stream_of(i));
            fault = fault_of(page);
            if (i % 3 == 0) {
                fault += page.head.head < seen ? "the head went back" : "";
                seen = page.head.head;
            }
            ++pages;
        }
    });
    for (int call = 0; call < 60; ++call) {
        fill(call);
        if (call % 10 == 9) {
            store.commit(Group().mark(stream_of(call), BF_STATE_READ, 0, {},
                                      static_cast<std::uint64_t>(call)));
            expect_settled();
        }
    }
    is_ending = true;
    reader.join();
    EXPECT_EQ(fault, "");
    EXPECT_GT(pages, 0U);
    EXPECT_EQ(store.head("all").head, 3'600U);
    EXPECT_EQ(store.stats().entries, 7'200U);
}

TEST_F(Arrivals, ComeIntoTheirTableWhenThereIsTime) {
    for (int call = 0; call < 5; ++call) {
        fill(call);
    }
    expect_settled();
    EXPECT_THAT(query(path, "SELECT count(*) FROM entries"), ElementsAre("600"));
    EXPECT_THAT(query(path, "SELECT sum(head) FROM streams"), ElementsAre("600"));
    EXPECT_THAT(query(path, "SELECT count(*) FROM journal"), ElementsAre("0"));
    EXPECT_THAT(query(path, "SELECT count(*) FROM notifications"), ElementsAre("300"));
}

TEST_F(Arrivals, AreInTheirTableAfterAStop) {
    fill(0);
    store.instance.stop();
    EXPECT_THAT(query(path, "SELECT count(*) FROM entries"), ElementsAre("120"));
    EXPECT_THAT(query(path, "SELECT count(*) FROM journal"), ElementsAre("0"));
}

TEST_F(Arrivals, AreInABackup) {
    for (int call = 0; call < 5; ++call) {
        fill(call);
    }
    const auto copy = folder.file("copy.db");
    ASSERT_TRUE(store.backup(copy).ok());
    conformance::Store restored(store.plugin, config(copy), "restored");
    EXPECT_EQ(restored.head("all").head, 300U);
    EXPECT_EQ(fault_of(restored.read("all")), "");
    EXPECT_EQ(fault_of(restored.read(stream_of(3))), "");
}

}  // namespace
}  // namespace belfry::storage_test
