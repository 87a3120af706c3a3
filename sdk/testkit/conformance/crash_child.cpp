#include "sdk/testkit/conformance/crash_child.hpp"

#include "sdk/testkit/conformance/child.hpp"
#include "sdk/testkit/conformance/crash_work.hpp"
#include "sdk/testkit/conformance/crew.hpp"
#include "sdk/testkit/conformance/store.hpp"

#include <belfry/testkit/host.hpp>

#include <cstdlib>
#include <exception>
#include <random>
#include <utility>
#include <vector>

namespace belfry::conformance {
namespace {

constexpr std::uint64_t kPerRound = 1'000'000'000;
constexpr std::uint64_t kPerThread = 10'000'000;

class Worker {
public:
    Worker(Store& store, std::uint64_t round, std::uint64_t thread, std::uint64_t seed)
        : store_(store), round_(round), thread_(thread), random_(seed + round * 100 + thread) {
        const auto counter = store_.get("counters", thread_name(thread));
        version_ = counter.ok() ? counter.value.version : 0;
    }

    [[noreturn]] void run() {
        for (;;) {
            const auto kind = random_() % 100;
            if (kind < 55) {
                publish();
            } else if (kind < 70) {
                mark();
            } else if (kind < 80) {
                count();
            } else if (kind < 97) {
                settle();
            } else {
                (void)commit(make(Work::Kind::trim));
            }
        }
    }

private:
    Work make(Work::Kind kind) {
        ++count_;
        return {.kind = kind,
                .thread = thread_,
                .number = round_ * kPerRound + thread_ * kPerThread + count_};
    }

    sdk::GroupResult commit(const Work& work) {
        say("B " + work.line());
        auto result = store_.commit(group_of(work, false));
        if (result.status != Status::ok) {
            throw testkit::Failed(work.line() + ": " + result.message);
        }
        std::string line = "A " + std::to_string(work.number);
        for (const auto& one : result.results) {
            for (const auto seq : one.seqs) {
                line += " " + std::to_string(seq);
            }
        }
        say(std::move(line));
        return result;
    }

    void publish() {
        auto work = make(Work::Kind::publish);
        work.streams = 1 + random_() % ((1U << kCrashStreams) - 1);
        const auto result = commit(work);
        own_.emplace_back(streams_of(work).front(), result.results.at(0).seqs.at(0));
    }

    void mark() {
        if (own_.empty()) {
            return;
        }
        const auto [stream, seq] = own_.at(random_() % own_.size());
        auto work = make(Work::Kind::mark);
        work.streams = 1U << stream;
        work.value = seq;
        (void)commit(work);
    }

    void count() {
        auto work = make(Work::Kind::count);
        work.value = version_++;
        (void)commit(work);
    }

    /// The lease ends at once, in the time of the queue: whoever comes after a crash can claim
    /// again.
    void settle() {
        const auto now = static_cast<std::int64_t>((round_ + 1) * kPerRound + ++count_);
        for (const auto& job : store_.claim(queue_name(thread_), now, now + 1, 1).jobs) {
            auto work = make(Work::Kind::settle);
            work.streams = 1U << kSettledStream;
            work.value = job.lease;
            work.job = number_of(job.id);
            (void)commit(work);
        }
    }

    Store& store_;
    const std::uint64_t round_;
    const std::uint64_t thread_;
    std::mt19937_64 random_;
    std::uint64_t count_ = 0;
    std::uint64_t version_ = 0;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> own_;  ///< stream, seq
};

}  // namespace

int run_crash_child(const Options& options) {
    try {
        testkit::Host host;
        const auto plugin = testkit::Plugin::load(host, options.plugin);
        Store store(plugin, options.config);
        Crew crew(static_cast<int>(kCrashThreads), [&](int thread) {
            try {
                Worker(store, *options.crash_child, static_cast<std::uint64_t>(thread),
                       options.seed)
                    .run();
            } catch (const std::exception& error) {
                say(std::string("F ") + error.what());
                std::_Exit(1);  // the others would go on for ever
            }
        });
        crew.wait();
    } catch (const std::exception& error) {
        say(std::string("F ") + error.what());
    }
    return 1;
}

}  // namespace belfry::conformance
