/// Lists and replays dead letters, on a thread and connections of its own.
#pragma once

#include "plugins/broker/rabbitmq/assembler.hpp"
#include "plugins/broker/rabbitmq/connection.hpp"
#include "plugins/broker/rabbitmq/probe.hpp"
#include "plugins/broker/rabbitmq/settings.hpp"
#include "plugins/broker/rabbitmq/shared.hpp"
#include "plugins/broker/rabbitmq/wake.hpp"

#include <belfry/broker.hpp>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

namespace belfry::rabbitmq {

/// Any thread. One request at a time; it has a connection for as long as it takes.
class Clerk {
public:
    explicit Clerk(Shared& shared) : shared_(shared) {}
    ~Clerk();
    Clerk(const Clerk&) = delete;
    Clerk& operator=(const Clerk&) = delete;

    void list(const SourceSettings& source, std::uint64_t limit, sdk::Done<sdk::DeadLetters> done);
    void replay(const SourceSettings& source, std::uint64_t limit, std::int64_t before,
                sdk::Done<sdk::Replayed> done);
    /// Takes no more requests; those that wait fail. A request that runs may wait for the
    /// publisher.
    void stop();
    void join();

private:
    /// Called with false where it is too late.
    using Job = std::move_only_function<void(bool is_running)>;

    void add(Job job);
    void run();

    Shared& shared_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Job> jobs_;
    bool is_stopped_ = false;
    std::thread thread_;
};

/// The dead letters of a source, over a connection of its own. One thread.
class DeadLetterQueue {
public:
    /// Throws Trouble, as all its calls.
    DeadLetterQueue(const Shared& shared, const SourceSettings& source);
    ~DeadLetterQueue();
    DeadLetterQueue(const DeadLetterQueue&) = delete;
    DeadLetterQueue& operator=(const DeadLetterQueue&) = delete;

    /// The next of those that are there; nothing after the last.
    [[nodiscard]] std::optional<Content> take();
    /// Acknowledges these tags; returns when all others that were taken are back in their place.
    /// Without this they are so soon after the end.
    void settle(const std::set<std::uint64_t>& acknowledged);

private:
    const std::string queue_;
    Wake wake_;
    Connection connection_;
    Probe probe_;
    Assembler assembler_;
    std::uint64_t left_ = 0;  ///< to be taken
    std::uint64_t last_tag_ = 0;
};

}  // namespace belfry::rabbitmq
