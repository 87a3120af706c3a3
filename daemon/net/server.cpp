#include "daemon/net/server.hpp"

#include "daemon/base/log.hpp"
#include "daemon/net/http_date.hpp"

#include <sys/socket.h>

#include <future>

namespace belfry::net {
namespace {

constexpr int kAcceptsPerTurn = 64;
constexpr Nanos kPauseWithoutDescriptors = 100 * kMillisecond;

}  // namespace

Shard::Shard(std::size_t index, const Clock& clock) : index_(index), loop_(clock) {}

Shard::~Shard() { stop(); }

void Shard::start() {
    thread_ = std::thread([this] { loop_.run(); });
}

void Shard::stop() {
    if (!thread_.joinable()) {
        return;
    }
    loop_.post([this] {
        const auto all = connections_;
        for (const auto& [key, connection] : all) {
            connection->abort();
        }
        loop_.post([this] { loop_.stop(); });  // behind what the aborts have posted
    });
    thread_.join();
}

void Shard::adopt(Accepted accepted, const ConnectionSettings& settings) {
    count_.fetch_add(1, std::memory_order_relaxed);
    loop_.post([this, accepted = std::move(accepted), &settings]() mutable {
        auto connection = std::make_shared<Connection>(loop_, std::move(accepted), settings, *this);
        connections_.emplace(connection.get(), connection);
        connection->start();
    });
}

void Shard::drain() {
    loop_.post([this] {
        std::vector<std::shared_ptr<Connection>> all;
        all.reserve(connections_.size());
        for (const auto& [key, connection] : connections_) {
            all.push_back(connection);
        }
        for (const auto& connection : all) {
            connection->drain();
        }
    });
}

void Shard::on_closed(Connection& connection) {
    connections_.erase(&connection);
    count_.fetch_sub(1, std::memory_order_relaxed);
}

Listener::Listener(std::vector<std::unique_ptr<Shard>>& shards, Socket socket,
                   ConnectionSettings settings, std::size_t max_connections, Metrics& metrics)
    : shards_(shards), socket_(std::move(socket)), settings_(std::move(settings)),
      max_connections_(max_connections),
      accepted_(metrics.counter("belfry_connections_accepted_total", "Connections accepted.")),
      refused_(metrics.counter("belfry_connections_refused_total",
                               "Connections refused because there were too many.")) {}

Listener::~Listener() = default;

void Listener::start() {
    Loop& loop = shards_.front()->loop();
    loop.post([this, &loop] { loop.add_listener(socket_.get(), *this); });
}

void Listener::stop() {
    std::promise<void> done;
    shards_.front()->loop().post([this, &done] {
        open_.reset();
        shards_.front()->loop().remove(socket_.get());
        socket_.close();
        done.set_value();
    });
    done.get_future().wait();
}

bool Listener::is_full() const {
    std::size_t count = 0;
    for (const auto& shard : shards_) {
        count += shard->connections();
    }
    return count >= max_connections_;
}

/// Without descriptors the listener stays ready for ever: rest instead of spinning.
void Listener::pause() {
    Loop& loop = shards_.front()->loop();
    loop.remove(socket_.get());
    loop.after(kPauseWithoutDescriptors, [this, &loop, open = std::weak_ptr(open_)] {
        if (open.lock()) {
            loop.add_listener(socket_.get(), *this);
        }
    });
}

void Listener::on_ready(std::uint32_t /*events*/) {
    for (int i = 0; i < kAcceptsPerTurn && open_; ++i) {
        auto accepted = accept_from(socket_);
        if (!accepted) {
            if (accepted.error().code == Code::limited) {
                log::warning("no descriptors left for connections",
                             {{"reason", accepted.error().message}});
                pause();
            }
            return;
        }
        if (is_full()) {
            refused_.Increment();
            const SharedBytes busy =
                to_wire(problem({Code::unavailable, "too many connections", {}, kSecond}), false,
                        false, http_date(shards_.front()->loop().clock().now()));
            ::send(accepted->socket.get(), busy.view().data(), busy.size(),
                   MSG_NOSIGNAL | MSG_DONTWAIT);
            continue;
        }
        accepted_.Increment();
        shards_[next_++ % shards_.size()]->adopt(std::move(*accepted), settings_);
    }
}

}  // namespace belfry::net
