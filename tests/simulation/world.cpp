#include "tests/simulation/world.hpp"

#include <algorithm>

namespace belfry::sim {

void SimExecutor::after(Nanos delay, Task task) { world_.at(delay, *this, std::move(task)); }

void World::fill(std::span<std::uint8_t> out) {
    for (std::uint8_t& byte : out) {
        byte = static_cast<std::uint8_t>(engine_());
    }
}

SimExecutor& World::make_executor() {
    return *executors_.emplace_back(std::make_unique<SimExecutor>(*this));
}

void World::at(Nanos delay, SimExecutor& home, Task task) {
    timers_.emplace(now_ + std::max<Nanos>(delay, 0), Timer{&home, std::move(task)});
}

bool World::step(Nanos until) {
    std::vector<SimExecutor*> ready;
    for (const auto& executor : executors_) {
        if (!executor->ready_.empty() && !executor->is_paused_) {
            ready.push_back(executor.get());
        }
    }
    if (ready.empty()) {
        if (timers_.empty() || timers_.begin()->first > until) {
            return false;
        }
        auto timer = timers_.extract(timers_.begin());
        now_ = std::max(now_, timer.key());
        timer.mapped().home->post(std::move(timer.mapped().task));
        return true;
    }
    SimExecutor& chosen = *ready[below(ready.size())];
    Task task = std::move(chosen.ready_.front());
    chosen.ready_.pop_front();
    task();
    return true;
}

}  // namespace belfry::sim
