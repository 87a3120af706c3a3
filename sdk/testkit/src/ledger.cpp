#include "belfry/testkit/ledger.hpp"

#include <utility>

namespace belfry::testkit {

void Violations::add(std::string what) {
    const std::lock_guard lock(mutex_);
    list_.push_back(std::move(what));
}

std::vector<std::string> Violations::list() const {
    const std::lock_guard lock(mutex_);
    return list_;
}

Owed::Owed(Violations& violations, std::shared_ptr<const std::atomic<bool>> stopped,
           std::string what)
    : violations_(violations), stopped_(std::move(stopped)), what_(std::move(what)) {}

bool Owed::ready() const {
    const std::lock_guard lock(mutex_);
    return ready_;
}

void Owed::wait(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, limit, [this] { return ready_; })) {
        throw Failed(what_ + " was not completed within " + std::to_string(limit.count()) + " ms");
    }
}

void Owed::complete(void* ctx, const bf_result* result, const void* value) {
    static_cast<Owed*>(ctx)->take(*result, value);
}

void Owed::take(const bf_result& result, const void* value) {
    if (*stopped_) {
        violations_.add(what_ + " was completed after stop");
    }
    const std::lock_guard lock(mutex_);
    if (ready_) {
        violations_.add(what_ + " was completed twice");
        return;
    }
    if (result.size < sizeof(bf_result)) {
        violations_.add(what_ + " was completed with a result that is too small");
    }
    status_ = static_cast<sdk::Status>(result.status);
    message_ = sdk::view(result.message);
    retry_after_ = result.retry_after;
    if (value != nullptr) {
        keep(value);
    }
    ready_ = true;
    changed_.notify_all();
}

void Ledger::add(std::shared_ptr<Owed> owed) {
    const std::lock_guard lock(mutex_);
    owed_.push_back(std::move(owed));
}

std::vector<std::string> Ledger::open() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> names;
    for (const auto& owed : owed_) {
        if (!owed->ready()) {
            names.push_back(owed->what());
        }
    }
    return names;
}

}  // namespace belfry::testkit
