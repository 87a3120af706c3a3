/// A broker instance and its consumers, for tests of the plugin through its table.
#pragma once

#include <belfry/testkit/host.hpp>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::test {

struct Delivered {
    std::string destination, key, id, content_type, body, coordinates;
    std::map<std::string, std::string> headers;
    std::uint64_t attempt = 0;
    std::uint64_t token = 0;
};

/// Takes what a source delivers. Must outlive the source. Any thread.
class Consumer {
public:
    void* ctx() { return this; }
    static void deliver(void* ctx, const bf_message* messages, std::uint64_t count);

    /// Called for each message, on the delivering thread; set before consuming.
    std::function<void(const Delivered&)> react;

    /// All delivered so far, once they are at least `count`; throws testkit::Failed in time.
    std::vector<Delivered> wait(std::size_t count);
    [[nodiscard]] std::vector<std::string> bodies(std::size_t count);
    [[nodiscard]] std::size_t count() const;
    /// Was `deliver` ever called while it was running?
    [[nodiscard]] bool overlapped() const;

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Delivered> delivered_;
    int inside_ = 0;
    bool overlapped_ = false;
};

/// Hears the bus.
class Hearer {
public:
    static void hear(void* ctx, std::uint32_t partition, bf_bytes message);
    std::vector<std::pair<std::uint32_t, std::string>> wait(std::size_t count);
    [[nodiscard]] std::size_t count() const;

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::pair<std::uint32_t, std::string>> heard_;
};

std::string config(std::string_view group = "", std::uint64_t max_messages = 10'000,
                   std::uint64_t max_bytes = 10'000'000);

/// A started instance.
class Node {
public:
    explicit Node(testkit::Host& host, std::string name = "memory",
                  const std::string& configuration = config());

    testkit::Outcome<> publish(std::string_view destination, std::string_view body,
                               std::string_view key = {}) const;
    testkit::Outcome<> consume(std::string_view source, std::string_view destination,
                               Consumer& consumer, std::uint64_t max_in_flight = 100) const;
    /// With all of the source's configuration.
    testkit::Outcome<> consume_with(std::string_view source, std::string_view json,
                                    Consumer& consumer, std::uint64_t max_in_flight = 100) const;
    testkit::Outcome<> cancel(std::string_view source) const;
    void settle(std::string_view source, std::uint64_t token, std::uint32_t outcome,
                std::int64_t delay = 0, std::string_view reason = {}) const;
    void pause(std::string_view source, bool paused) const;
    testkit::Outcome<> listen(const std::vector<std::uint32_t>& partitions, Hearer& hearer) const;
    void broadcast(std::uint32_t partition, std::string_view message) const;
    [[nodiscard]] sdk::SourceStats stats(std::string_view source) const;
    [[nodiscard]] testkit::Outcome<std::vector<testkit::Message>> dead_letters(
        std::string_view source, std::uint64_t limit = 100) const;
    [[nodiscard]] testkit::Outcome<sdk::Replayed> replay(std::string_view source,
                                                         std::uint64_t limit,
                                                         std::int64_t before) const;
    /// Waits until all that was posted to the instance so far has been done.
    void settle_down() const;

    [[nodiscard]] testkit::Instance& instance() { return instance_; }
    [[nodiscard]] const bf_broker& table() const { return instance_.table<bf_broker>(); }

private:
    testkit::Instance instance_;
};

constexpr std::int64_t kSecond = 1'000'000'000;

}  // namespace belfry::test
