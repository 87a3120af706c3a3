/// A broker that does what the test says.
#pragma once

#include "daemon/plugin/broker.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace belfry::test {

/// Gives out what the test says and notes how it is settled. One thread.
class FakeBroker final : public Broker {
public:
    void publish(const Message&, Executor&, Callback<>) override {}
    void consume(const SourceConfig& source, Executor& home, Deliver deliver,
                 Callback<> done) override {
        name = source.name;
        deliver_ = std::move(deliver);
        log.emplace_back("consume");
        Result<> answer;
        if (!consume_answers.empty()) {
            answer = consume_answers.front();
            consume_answers.pop_front();
        }
        home.post([done = std::move(done), answer]() mutable { done(answer); });
    }
    void cancel(const std::string& /*source*/, Executor& home, Callback<> done) override {
        log.emplace_back("cancel");
        home.post([done = std::move(done)]() mutable { done({}); });
    }
    void settle(const std::string& /*source*/, std::span<const Settlement> settlements) override {
        settled.insert(settled.end(), settlements.begin(), settlements.end());
    }
    void pause(const std::string& /*source*/, bool paused) override { pauses.push_back(paused); }
    void broadcast(std::uint32_t, ByteView) override {}
    void listen(std::span<const std::uint32_t>, Executor&, Hear, Callback<>) override {}
    void source_stats(const std::string& /*source*/, Executor& home,
                      Callback<SourceStats> done) override {
        home.post([done = std::move(done), answer = stats]() mutable { done(answer); });
    }
    [[nodiscard]] const config::Schema* source_schema() const override { return nullptr; }
    void dead_letters(const std::string& /*source*/, std::uint64_t limit, Executor& home,
                      Callback<std::vector<Message>> done) override {
        auto oldest = dead;
        oldest.resize(std::min<std::size_t>(limit, dead.size()));
        home.post([done = std::move(done), oldest]() mutable { done(std::move(oldest)); });
    }
    void replay(const std::string& /*source*/, std::uint64_t limit, Nanos before, Executor& home,
                Callback<std::uint64_t> done) override {
        replays.emplace_back(limit, before);
        const std::uint64_t count = std::min<std::uint64_t>(limit, dead.size());
        dead.erase(dead.begin(), dead.begin() + static_cast<std::ptrdiff_t>(count));
        home.post([done = std::move(done), count]() mutable { done(count); });
    }

    void deliver(std::vector<Message> messages) { deliver_(std::move(messages)); }
    [[nodiscard]] std::size_t count(std::string_view call) const {
        return static_cast<std::size_t>(std::ranges::count(log, call));
    }

    std::string name;
    std::deque<Result<>> consume_answers;  ///< of the next calls; then they succeed
    Result<SourceStats> stats{SourceStats{.connected = true, .lag = 0}};
    std::vector<Message> dead;
    std::vector<std::pair<std::uint64_t, Nanos>> replays;  ///< limit and before
    std::vector<std::string> log;                          ///< of consume and cancel
    std::vector<Settlement> settled;
    std::vector<bool> pauses;  ///< the calls

private:
    Deliver deliver_;
};

}  // namespace belfry::test
