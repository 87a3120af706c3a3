// What holds while many threads write and read at once.
#include "sdk/testkit/conformance/crew.hpp"
#include "sdk/testkit/conformance/kit.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <set>

namespace belfry::conformance {
namespace {

class Threads : public Case {
protected:
    void SetUp() override {
        Case::SetUp();
        store();  // opened by one thread
    }
};

constexpr int kWriters = 6;
constexpr int kEach = 40;

std::vector<std::string> all_streams() { return {"s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"}; }

/// What each writer was told: stream -> its seqs, in order.
using Given = std::map<std::string, Seqs>;

void write_to_some(Store& store, int writer, Given& given) {
    std::mt19937_64 random(static_cast<std::uint64_t>(writer));
    for (int number = 0; number < kEach; ++number) {
        auto streams = all_streams();
        std::ranges::shuffle(streams, random);  // in another order than the others
        streams.resize(1 + random() % streams.size());
        const auto id = std::to_string(writer) + "-" + std::to_string(number);
        const auto result = store.commit(Group().append(note(id), streams));
        if (result.status != Status::ok) {
            throw testkit::Failed("append: " + result.message);
        }
        for (std::size_t i = 0; i < streams.size(); ++i) {
            given[streams[i]].push_back(result.results.at(0).seqs.at(i));
        }
        // Whoever was told can read it.
        if (store.head(streams[0]).head < given[streams[0]].back()) {
            throw testkit::Failed("a commit that had completed was not seen");
        }
    }
}

TEST_F(Threads, WritersLeaveNoHoles) {
    std::vector<Given> given(kWriters);
    Crew writers(kWriters, [&](int number) {
        write_to_some(store(), number, given[static_cast<std::size_t>(number)]);
    });
    writers.wait();
    for (const auto& stream : all_streams()) {
        Seqs all;
        for (const auto& own : given) {
            if (const auto found = own.find(stream); found != own.end()) {
                EXPECT_TRUE(std::ranges::is_sorted(found->second)) << stream;
                all.insert(all.end(), found->second.begin(), found->second.end());
            }
        }
        std::ranges::sort(all);
        const auto entries = read_all(store(), query_of(stream, 50));
        EXPECT_EQ(all, seqs_of(entries)) << stream;
        EXPECT_EQ(all.empty() ? 0 : all.front(), all.empty() ? 0 : 1U);
        EXPECT_EQ(all.empty() ? 0 : all.back(), all.size());
        EXPECT_EQ(store().head(stream).unread, all.size());
    }
}

/// Reads on from where it is, as a session does.
void follow(Store& store, const std::string& stream, const std::function<bool()>& go_on) {
    std::uint64_t after = 0;
    while (go_on()) {
        const auto page = store.read(stream, after, 20);
        for (const auto& entry : page.entries) {
            if (entry.seq != ++after) {
                throw testkit::Failed(stream + ": expected " + std::to_string(after) + ", found " +
                                      std::to_string(entry.seq));
            }
        }
        if (!page.more && page.head.head != after) {
            throw testkit::Failed(stream + ": the head of a page is " +
                                  std::to_string(page.head.head) + ", its last entry " +
                                  std::to_string(after));
        }
        if (page.head.unread != page.head.head) {
            throw testkit::Failed(stream + ": unread and head are not of one moment");
        }
    }
}

TEST_F(Threads, PagesAreSnapshotsWhileOthersWrite) {
    Crew writers(4, [&](int number) {
        for (int i = 0; i < 100; ++i) {
            (void)store().append("s", std::to_string(number) + "-" + std::to_string(i));
        }
    });
    Crew readers(2, [&](int) { follow(store(), "s", [&] { return writers.is_working(); }); });
    writers.wait();
    readers.wait();
    EXPECT_EQ(store().head("s").head, 400U);
}

TEST_F(Threads, HeadsOfOneCallAreOfOneMoment) {
    Crew writers(3, [&](int number) {
        for (int i = 0; i < 80; ++i) {
            Group group;
            group.append(note("n"), number % 2 == 0 ? std::vector<std::string>{"a", "b"}
                                                    : std::vector<std::string>{"b", "a"});
            if (store().commit(group).status != Status::ok) {
                throw testkit::Failed("append");
            }
        }
    });
    Crew readers(2, [&](int) {
        while (writers.is_working()) {
            const auto heads = store().heads({"a", "b"});
            if (heads[0].head != heads[1].head) {
                throw testkit::Failed("heads of 1 commit: " + std::to_string(heads[0].head) +
                                      " and " + std::to_string(heads[1].head));
            }
        }
    });
    writers.wait();
    readers.wait();
}

TEST_F(Threads, OneOfManyCompareAndSetsWins) {
    constexpr int kThreads = 4;
    constexpr int kIncrements = 25;
    store().commit(Group().put("c", "count", BF_VERSION_NONE, "0"));
    Crew crew(kThreads, [&](int) {
        for (int done = 0; done < kIncrements;) {
            const auto found = store().get("c", "count").value;
            const auto next = std::to_string(std::stoi(found.document) + 1);
            const auto result = store().commit(Group().put("c", "count", found.version, next));
            done += result.status == Status::ok ? 1 : 0;
        }
    });
    crew.wait();
    EXPECT_EQ(store().get("c", "count").value.document, std::to_string(kThreads * kIncrements));
    EXPECT_EQ(store().get("c", "count").value.version, kThreads * kIncrements + 1U);
}

TEST_F(Threads, AUniqueValueHasOneOwner) {
    constexpr int kRounds = 20;
    std::array<std::atomic<int>, kRounds> owners{};
    Crew crew(8, [&](int number) {
        for (std::size_t round = 0; round < kRounds; ++round) {
            const auto id = std::to_string(round) + "-" + std::to_string(number);
            const auto result = store().commit(
                Group().put("c", id, BF_VERSION_NONE, "", {{"mail", std::to_string(round), true}}));
            owners[round] += result.status == Status::ok ? 1 : 0;
        }
    });
    crew.wait();
    for (const auto& count : owners) {
        EXPECT_EQ(count, 1);
    }
    bf_find query{};
    query.collection = sdk::str("c");
    query.limit = 1'000;
    EXPECT_EQ(store().find(query).documents.size(), static_cast<std::size_t>(kRounds));
}

TEST_F(Threads, AnEventHasOneEffect) {
    constexpr int kThreads = 8;
    constexpr int kEvents = 20;
    std::array<std::array<sdk::OpResult, kEvents>, kThreads> told;
    Crew crew(kThreads, [&](int number) {
        for (int event = 0; event < kEvents; ++event) {
            const auto id = std::to_string(number) + "-" + std::to_string(event);
            auto result = store().commit(
                Group().append(note_of(id, "source", std::to_string(event)), {"a", "b"}, "hash"));
            told.at(static_cast<std::size_t>(number)).at(static_cast<std::size_t>(event)) =
                std::move(result.results.at(0));
        }
    });
    crew.wait();
    EXPECT_EQ(store().head("a").head, static_cast<std::uint64_t>(kEvents));
    EXPECT_EQ(store().head("b").head, static_cast<std::uint64_t>(kEvents));
    for (std::size_t event = 0; event < kEvents; ++event) {
        int stored = 0;
        for (const auto& own : told) {
            stored += own.at(event).status == Status::ok ? 1 : 0;
            EXPECT_EQ(own.at(event).id, told[0].at(event).id);
            EXPECT_EQ(own.at(event).seqs, told[0].at(event).seqs);
        }
        EXPECT_EQ(stored, 1);
    }
}

}  // namespace
}  // namespace belfry::conformance
