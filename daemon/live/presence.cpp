#include "daemon/live/presence.hpp"

#include "daemon/base/log.hpp"

#include <algorithm>

namespace belfry::live {
namespace {

/// Users being written: ten thousand at once are a queue here and not a storm in the storage.
constexpr std::size_t kMostBusy = 64;
constexpr Nanos kRetry = 500 * kMillisecond;

}  // namespace

Presence::Presence(const PresenceStore::Parts& parts, Random& random, Metrics& metrics,
                   const PresenceSettings& settings)
    : settings_(settings), store_(parts, settings.stream),
      lease_(store_, random, {settings.node, settings.lease, settings.offline_after},
             [this](bool is_new) { on_held(is_new); }),
      gauge_(metrics.gauge("belfry_presence_users", "Users with sessions on this node.")),
      failed_(
          metrics.counter("belfry_presence_failed_total",
                          "Changes of presence that could not be stored and are tried again.")) {}

void Presence::start() {
    store_.parts().core.post([this] { lease_.start(); });
}

void Presence::note(const std::string& user, bool is_there) {
    store_.parts().core.post([this, user, is_there] { on_note(user, is_there); });
}

void Presence::on_note(const std::string& name, bool is_there) {
    User& user = users_[name];
    if (is_there) {
        ++user.sessions;
    } else if (--user.sessions == 0) {
        user.left_at = now();
        leavers_.emplace_back(user.left_at + settings_.offline_after, name);
        watch_leavers();
    }
    gauge_.Set(static_cast<double>(users_.size()));
    enqueue(name, user);
    pump();
}

bool Presence::is_here(const User& user) const {
    return user.sessions > 0 || now() - user.left_at < settings_.offline_after;
}

/// Under a new id everybody is registered again; whoever buried the old one takes that away.
void Presence::on_held(bool is_new) {
    if (is_new) {
        for (auto& [name, user] : users_) {
            enqueue(name, user);
        }
    }
    pump();
}

void Presence::enqueue(const std::string& name, User& user) {
    if (!user.is_queued && !user.is_busy) {
        user.is_queued = true;
        queue_.push_back(name);
    }
}

void Presence::pump() {
    while (busy_ < kMostBusy && !queue_.empty() && lease_.is_held()) {
        const std::string name = std::move(queue_.front());
        queue_.pop_front();
        const auto found = users_.find(name);
        if (found == users_.end()) {
            continue;
        }
        found->second.is_queued = false;
        const bool is_recorded = found->second.recorded == lease_.id();
        if (is_recorded != is_here(found->second)) {
            write(name, found->second);
        } else {
            settle(name);
        }
    }
}

void Presence::write(const std::string& name, User& user) {
    user.is_busy = true;
    ++busy_;
    const bool is_there = is_here(user);
    store_.change(name, lease_.id(), is_there,
                  [this, name, id = lease_.id(), is_there](const Result<>& done) {
                      on_written(name, id, is_there, done);
                  });
}

void Presence::on_written(const std::string& name, const std::string& id, bool is_there,
                          const Result<>& done) {
    --busy_;
    User& user = users_[name];
    user.is_busy = false;
    if (done) {
        user.recorded = is_there ? id : std::string();
        if (is_there && id != lease_.id()) {
            user.stale = id;  // perhaps written after the burial
        } else {
            take_stale_away(name, user);
        }
        enqueue(name, user);
        pump();
    } else if (done.error().code != Code::closed) {
        failed_.Increment();
        store_.parts().core.after(kRetry, [this, name] {
            enqueue(name, users_[name]);
            pump();
        });
    }
}

void Presence::take_stale_away(const std::string& name, User& user) {
    if (!user.stale.empty()) {
        store_.change(name, std::exchange(user.stale, {}), false, [](const Result<>&) {});
    }
}

/// Forgets users that are neither here nor recorded.
void Presence::settle(const std::string& name) {
    const auto found = users_.find(name);
    User& user = found->second;
    take_stale_away(name, user);
    if (!is_here(user) && !user.is_busy && !user.is_queued) {
        users_.erase(found);
        gauge_.Set(static_cast<double>(users_.size()));
    }
}

void Presence::watch_leavers() {
    if (!leavers_.empty() && !std::exchange(is_watching_, true)) {
        store_.parts().core.after(std::max<Nanos>(leavers_.front().first - now(), kMillisecond),
                                  [this] {
                                      is_watching_ = false;
                                      end_leaves();
                                  });
    }
}

void Presence::end_leaves() {
    while (!leavers_.empty() && leavers_.front().first <= now()) {
        if (const auto found = users_.find(leavers_.front().second); found != users_.end()) {
            enqueue(found->first, found->second);
        }
        leavers_.pop_front();
    }
    watch_leavers();
    pump();
}

}  // namespace belfry::live
