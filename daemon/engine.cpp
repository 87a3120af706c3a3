#include "daemon/engine.hpp"

#include <algorithm>
#include <utility>

namespace belfry {

Engine::Engine(std::size_t shards, EngineParts parts, const live::SessionSettings& sessions)
    : parts_(std::move(parts)), settings_(sessions) {
    std::vector<live::HubShard> hub_shards;
    for (std::size_t index = 0; index < shards; ++index) {
        auto& shard = shards_.emplace_back(std::make_unique<net::Shard>(index, parts_.clock));
        auto& own = live_.emplace_back(std::make_unique<Live>());
        own->hub = std::make_unique<live::ShardHub>(shard->loop(), parts_.mailbox, own->interest,
                                                    parts_.metrics, live::ShardHubSettings{});
        hub_shards.push_back({shard->loop(), own->interest, *own->hub});
    }
    hub_ = std::make_unique<live::Hub>(std::move(hub_shards));
}

Engine::~Engine() { stop(); }

void Engine::use(const std::vector<Transport*>& transports,
                 const std::vector<live::Dialect*>& dialects) {
    transports_ = transports;
    encoders_ = std::make_unique<live::Encoders>(transports, dialects);
    for (std::size_t index = 0; index < shards_.size(); ++index) {
        live_[index]->sessions = std::make_unique<live::SessionShard>(
            live::SessionShard::Parts{shards_[index]->loop(), *live_[index]->hub, parts_.mailbox,
                                      parts_.clock, parts_.random, parts_.metrics, *encoders_,
                                      parts_.authenticate, parts_.attendance},
            settings_);
    }
}

Result<> Engine::add_transport_routes(net::Router& router, bool trusted) {
    const auto find_shard = [this](const net::Loop& loop) -> live::SessionShard& {
        const auto shard = std::ranges::find_if(
            shards_, [&loop](const auto& candidate) { return &candidate->loop() == &loop; });
        return *live_[static_cast<std::size_t>(shard - shards_.begin())]->sessions;
    };
    return live::add_transport_routes(router, transports_, *encoders_, find_shard, trusted);
}

void Engine::start() {
    for (std::size_t index = 0; index < shards_.size(); ++index) {
        live_[index]->hub->start_sweeping();
        shards_[index]->start();
    }
}

void Engine::drain(Nanos window) {
    for (std::size_t index = 0; index < shards_.size(); ++index) {
        shards_[index]->loop().post(
            [sessions = live_[index]->sessions.get(), window] { sessions->drain(window); });
        shards_[index]->drain();
    }
}

std::size_t Engine::connections() const {
    std::size_t count = 0;
    for (const auto& shard : shards_) {
        count += shard->connections();
    }
    return count;
}

void Engine::stop() {
    for (std::size_t index = 0; index < shards_.size(); ++index) {
        if (live_[index]->sessions != nullptr) {
            shards_[index]->loop().post(
                [sessions = live_[index]->sessions.get()] { sessions->end_all(); });
        }
        shards_[index]->stop();
    }
}

std::vector<const net::Loop*> Engine::loops() const {
    std::vector<const net::Loop*> loops;
    loops.reserve(shards_.size());
    for (const auto& shard : shards_) {
        loops.push_back(&shard->loop());
    }
    return loops;
}

}  // namespace belfry
