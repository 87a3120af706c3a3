#include "plugins/storage/sqlite/readers.hpp"

#include <memory>
#include <utility>

namespace belfry::sqlite {

namespace {

constexpr std::size_t kMaxQueued = 65'536;

}  // namespace

Readers::Readers(const std::string& path, const Arrivals& arrivals, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
        readers_.push_back(std::make_unique<Reader>(path, arrivals));
    }
    for (const auto& reader : readers_) {
        threads_.emplace_back([this, &own = *reader] { work(own); });
    }
}

Readers::~Readers() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) {
        thread.join();
    }
}

bool Readers::run(std::function<void(Reader&)> task) {
    {
        const std::lock_guard lock(mutex_);
        if (queue_.size() >= kMaxQueued) {
            return false;
        }
        queue_.push_back(std::move(task));
    }
    wake_.notify_one();
    return true;
}

void Readers::work(Reader& reader) {
    for (;;) {
        std::function<void(Reader&)> task;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
            if (queue_.empty()) {
                return;
            }
            task = std::move(queue_.front());
            queue_.pop_front();
        }
        task(reader);
    }
}

}  // namespace belfry::sqlite
