#include "daemon/plugin/call_book.hpp"

#include "tests/unit/plugin/support.hpp"

#include <atomic>
#include <thread>

namespace belfry::plugin::test {
namespace {

using testing::ElementsAre;

constexpr bf_result kOk{sizeof(bf_result), BF_OK, {nullptr, 0}, 0};

class Calls : public testing::Test {
protected:
    bf_done open(int& finished) {
        return book_.open("call", [&finished](const Result<const void*>&) { ++finished; });
    }

    Metrics metrics_;
    Violations violations_{"one", "plugin", metrics_};
    CallBook book_{violations_};
};

TEST_F(Calls, FinishOnceAndForAll) {
    int finished = 0;
    const bf_done done = open(finished);
    for (int round = 0; round < 3; ++round) {
        done.call(done.ctx, &kOk, nullptr);
    }
    EXPECT_EQ(finished, 1);
    EXPECT_THAT(violations_.list(), ElementsAre("call: completed twice"));
}

TEST_F(Calls, TellALateSecondCompletionFromTheNextCall) {
    int first = 0;
    const bf_done old = open(first);
    old.call(old.ctx, &kOk, nullptr);
    // Many calls later, when its slot is in use again.
    int others = 0;
    int open_now = 0;
    for (int round = 0; round < 20; ++round) {
        const bf_done done = open(others);
        done.call(done.ctx, &kOk, nullptr);
        std::vector<bf_done> held;
        held.reserve(300);
        for (int index = 0; index < 300; ++index) {
            held.push_back(open(open_now));
        }
        const int before = open_now;
        old.call(old.ctx, &kOk, nullptr);
        ASSERT_EQ(open_now, before) << "in round " << round;
        for (const bf_done& one : held) {
            one.call(one.ctx, &kOk, nullptr);
        }
    }
    EXPECT_EQ(first, 1);
}

TEST_F(Calls, AreRefusedAfterTheClose) {
    book_.close();
    Code code = Code::retry;
    const bf_done done = book_.open(
        "call", [&](const Result<const void*>& outcome) { code = outcome.error().code; });
    EXPECT_EQ(done.call, nullptr);
    EXPECT_EQ(code, Code::closed);
}

TEST_F(Calls, PassOnTheFailure) {
    const bf_result result{sizeof result, BF_UNAVAILABLE, {"down", 4}, 99};
    Error error;
    const bf_done done =
        book_.open("call", [&](const Result<const void*>& outcome) { error = outcome.error(); });
    done.call(done.ctx, &result, nullptr);
    EXPECT_EQ(error.code, Code::unavailable);
    EXPECT_EQ(error.message, "down");
    EXPECT_EQ(error.retry_after, 99);
}

TEST_F(Calls, ReadAnOlderResult) {
    // Ends before `retry_after`.
    const bf_result result{offsetof(bf_result, retry_after), BF_RETRY, {"busy", 4}, 99};
    Error error;
    const bf_done done =
        book_.open("call", [&](const Result<const void*>& outcome) { error = outcome.error(); });
    done.call(done.ctx, &result, nullptr);
    EXPECT_EQ(error.message, "busy");
    EXPECT_EQ(error.retry_after, 0);
}

TEST_F(Calls, StandManyThreads) {
    std::atomic<int> finished = 0;
    constexpr int kEach = 2000;
    const auto work = [&] {
        for (int index = 0; index < kEach; ++index) {
            const bf_done done =
                book_.open("call", [&](const Result<const void*>&) { ++finished; });
            done.call(done.ctx, &kOk, nullptr);
        }
    };
    std::vector<std::thread> threads;
    for (int index = 0; index < 4; ++index) {
        threads.emplace_back(work);
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(finished, 4 * kEach);
    EXPECT_TRUE(violations_.list().empty());
}

}  // namespace
}  // namespace belfry::plugin::test
