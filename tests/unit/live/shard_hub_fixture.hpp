/// A core and one shard with followers.
#pragma once

#include "daemon/live/shard_hub.hpp"
#include "tests/unit/live/fakes.hpp"
#include "tests/unit/mailbox/core.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace belfry::live::test {

using belfry::test::Core;
using belfry::test::draft_to;
using Mode = Subscription::Mode;

class FakeFollower final : public Follower {
public:
    FakeFollower(ShardHub& hub, const Encoder& encoder) : hub_(hub), encoder_(encoder) {}
    ~FakeFollower() override { hub_.unfollow(subscription); }

    [[nodiscard]] const Encoder& encoder() const override { return encoder_; }
    [[nodiscard]] bool has_room(std::size_t) const override { return !is_stuck; }
    [[nodiscard]] bool is_drained() const override { return !is_stuck; }
    void push(const SharedBytes& frames) override { got += text_of(frames.view()); }
    void on_followed(Subscription& own, Result<Position> position) override {
        if (!position) {
            got += "failed\n";
            return;
        }
        got += position->recovered ? "" : "unrecovered " + std::string(position->reason) + '\n';
        hub_.begin(own);
    }
    void on_lost(Subscription&, const Position& position) override {
        got += "lost " + std::string(position.reason) + ' ' + std::to_string(position.seq) + '\n';
    }
    std::string take() { return std::exchange(got, {}); }

    bool is_stuck = false;
    std::string got;
    Subscription subscription{*this};

private:
    ShardHub& hub_;
    const Encoder& encoder_;
};

/// The core and one shard; batches reach the shard unless they are lost.
class ShardHubTest : public testing::Test {
protected:
    ~ShardHubTest() override { followers_.clear(); }

    FakeFollower& follow(const std::string& stream, const Since& since = {}) {
        auto& follower = *followers_.emplace_back(std::make_unique<FakeFollower>(hub_, encoder_));
        hub_.follow(follower.subscription, stream, since);
        return follower;
    }
    static Since behind(std::uint64_t seq, std::uint64_t epoch = 1) {
        return {Since::From::token, {epoch, seq}, {}};
    }
    /// Stored, and announced to the shard where `is_heard`.
    void publish(const std::string& stream, int count = 1, bool is_heard = true) {
        for (int i = 0; i < count; ++i) {
            const auto published = core_.publish(draft_to(stream));
            ASSERT_TRUE(published && *published);
            if (is_heard) {
                announce(stream, (*published)->seqs[0], (*published)->epochs[0]);
            }
        }
    }
    void announce(const std::string& stream, std::uint64_t seq, std::uint64_t epoch = 1) {
        hub_.on_committed({{stream, epoch, {EntryKind::notification, 0, seq, 0, some_}}});
    }
    void submit(Op op) {
        Group group;
        group.push_back(std::move(op));
        core_.ingest.submit(std::move(group), [](const auto&) {});
        core_.run(10 * kMillisecond);
    }
    double pages() { return core_.metrics.counter("belfry_pages_read_total", "").Value(); }
    static std::string entries(const std::string& stream, std::uint64_t from, std::uint64_t to) {
        std::string lines;
        for (; from <= to; ++from) {
            lines += stream + '#' + std::to_string(from) + '\n';
        }
        return lines;
    }

    Core core_;
    LineTransport transport_;
    PlainDialect dialect_;
    Encoder encoder_{transport_, dialect_};
    Interest interest_;
    ShardHub hub_{core_.home,
                  core_.mailbox,
                  interest_,
                  core_.metrics,
                  {.page_entries = 4, .retry = 100 * kMillisecond}};
    NotificationPtr some_ = std::make_shared<const Notification>();
    std::vector<std::unique_ptr<FakeFollower>> followers_;
};

}  // namespace belfry::live::test
