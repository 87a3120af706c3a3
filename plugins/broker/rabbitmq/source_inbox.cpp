#include "plugins/broker/rabbitmq/source_inbox.hpp"

#include <utility>

namespace belfry::rabbitmq {

bool SourceInbox::put(const std::function<void(Orders&)>& put) {
    {
        const std::lock_guard lock(mutex_);
        if (is_closed_) {
            return false;
        }
        put(orders_);
    }
    wake_.notify();
    return true;
}

SourceInbox::Orders SourceInbox::take() {
    const std::lock_guard lock(mutex_);
    Orders taken = std::move(orders_);
    orders_ = Orders{};
    orders_.is_paused = taken.is_paused;
    orders_.is_stopped = taken.is_stopped;
    return taken;
}

SourceInbox::Orders SourceInbox::close() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    return std::exchange(orders_, Orders{});
}

}  // namespace belfry::rabbitmq
