#include "daemon/live/session_shard.hpp"

#include "daemon/live/session.hpp"

#include <algorithm>
#include <utility>

namespace belfry::live {

SessionShard::SessionShard(Parts parts, const SessionSettings& settings)
    : parts_(std::move(parts)), settings_(settings),
      gauge_(parts_.metrics.gauge("belfry_sessions", "Sessions that are open.")) {}

SessionShard::~SessionShard() = default;

Session& SessionShard::add(const Encoder& encoder) {
    auto session = std::make_shared<Session>(*this, encoder);
    session->index_ = static_cast<std::uint32_t>(sessions_.size());
    gauge_.Increment();
    return *sessions_.emplace_back(std::move(session));
}

void SessionShard::remove(Session& session) {
    const std::uint32_t index = session.index_;
    sessions_.back()->index_ = index;
    std::swap(sessions_[index], sessions_.back());
    sessions_.pop_back();
    gauge_.Decrement();
}

void SessionShard::end_all() {
    const auto all = sessions_;
    for (const auto& session : all) {
        session->leave();
    }
}

std::optional<Nanos> SessionShard::time_to_leave() const {
    if (drained_at_ == 0) {
        return std::nullopt;
    }
    return std::max<Nanos>(drained_at_ - parts_.clock.monotonic(), 0);
}

void SessionShard::drain(Nanos window) {
    drained_at_ = parts_.clock.monotonic() + window;
    const auto all = sessions_;
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i]->go_away(window * static_cast<Nanos>(i + 1) / static_cast<Nanos>(all.size()));
    }
}

}  // namespace belfry::live
