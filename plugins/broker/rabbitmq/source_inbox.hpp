/// What others want of a source's thread.
#pragma once

#include "plugins/broker/rabbitmq/consumer.hpp"
#include "plugins/broker/rabbitmq/wake.hpp"

#include <belfry/broker.hpp>

#include <functional>
#include <mutex>
#include <optional>
#include <vector>

namespace belfry::rabbitmq {

/// Any thread.
class SourceInbox {
public:
    struct Orders {
        std::vector<Settlement> settlements;
        std::vector<Moved> moved;
        std::vector<sdk::Done<sdk::SourceStats>> stats;
        std::optional<sdk::Done<>> cancel;
        std::function<void()> drained;  ///< called once, when nothing is in flight any more
        bool is_paused = false;
        bool is_stopped = false;
    };

    /// Puts something in; false, and `put` is not called, where the thread has ended.
    bool put(const std::function<void(Orders&)>& put);
    [[nodiscard]] Orders take();
    /// Nothing can be put in from now on. What was there.
    [[nodiscard]] Orders close();
    [[nodiscard]] const Wake& wake() const { return wake_; }

private:
    Wake wake_;
    std::mutex mutex_;
    Orders orders_;
    bool is_closed_ = false;
};

}  // namespace belfry::rabbitmq
