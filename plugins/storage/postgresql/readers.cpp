#include "plugins/storage/postgresql/readers.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

namespace belfry::postgresql {

namespace {

constexpr std::size_t kMaxQueued = 65'536;
constexpr int kMostDoublings = 5;
constexpr std::chrono::milliseconds kFirstPause{100};

}  // namespace

Readers::Readers(const Options& options, sdk::Env env)
    : options_(options), place_(options.place()), env_(env),
      waiting_(env.gauge("postgresql_reads_waiting", "Reads that wait for a connection")) {
    std::vector<std::unique_ptr<Reader>> readers;
    readers.reserve(options.readers);
    for (std::uint32_t i = 0; i < options.readers; ++i) {
        readers.push_back(std::make_unique<Reader>(options));
    }
    connected_ = readers.size();
    for (auto& reader : readers) {
        threads_.emplace_back([this, own = std::move(reader)]() mutable { work(std::move(own)); });
    }
}

Readers::~Readers() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    changed_.notify_all();
    stopping_.notify_all();
    for (auto& thread : threads_) {
        thread.join();
    }
}

std::optional<sdk::Failure> Readers::admit(std::unique_ptr<ReadTask>& task) {
    const std::lock_guard lock(mutex_);
    if (connected_ == 0) {
        return sdk::Failure(sdk::Status::unavailable, place_ + ": cannot be reached",
                            kWaitForServer);
    }
    if (queue_.size() >= kMaxQueued) {
        return sdk::Failure(sdk::Status::unavailable, "too many reads wait", kWaitForServer);
    }
    queue_.push_back(std::move(task));
    waiting_.set(static_cast<double>(queue_.size()));
    return std::nullopt;
}

void Readers::push(std::unique_ptr<ReadTask> task) {
    if (const auto failure = admit(task); failure) {
        task->fail(*failure);
    } else {
        changed_.notify_one();
    }
}

std::unique_ptr<ReadTask> Readers::take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return is_stopping_ || !queue_.empty(); });
    if (queue_.empty()) {
        return nullptr;
    }
    auto task = std::move(queue_.front());
    queue_.pop_front();
    waiting_.set(static_cast<double>(queue_.size()));
    return task;
}

void Readers::work(std::unique_ptr<Reader> reader) {
    while (reader != nullptr) {
        const auto task = take();
        if (task == nullptr) {
            return;
        }
        reader = serve(std::move(reader), *task);
        if (reader == nullptr) {
            reader = connect_again();
        }
    }
}

std::unique_ptr<Reader> Readers::serve(std::unique_ptr<Reader> reader, ReadTask& task) {
    try {
        task.run(*reader);
        return reader;
    } catch (const SqlError&) {
        reader.reset();
    }
    try {
        reader = std::make_unique<Reader>(options_);
        task.run(*reader);
        return reader;
    } catch (const SqlError& error) {
        const auto trouble = trouble_of(error, place_);
        went_down(trouble.message);
        task.fail({sdk::Status::unavailable, trouble.message, kWaitForServer});
        return nullptr;
    }
}

std::unique_ptr<Reader> Readers::connect_again() {
    for (int tries = 0; pause(tries); ++tries) {
        try {
            auto reader = std::make_unique<Reader>(options_);
            came_up();
            return reader;
        } catch (const SqlError&) {
            continue;
        }
    }
    return nullptr;
}

/// Longer with each try, and not at the same moment as the others. False: it is the end.
bool Readers::pause(int tries) {
    std::array<std::uint8_t, 1> random{};
    env_.random(random);
    const auto most = kFirstPause * (1 << std::min(tries, kMostDoublings));
    const auto time = most / 2 + most * random[0] / 512;
    std::unique_lock lock(mutex_);
    return !stopping_.wait_for(lock, time, [this] { return is_stopping_; });
}

void Readers::went_down(const std::string& reason) {
    std::deque<std::unique_ptr<ReadTask>> given_up;
    {
        const std::lock_guard lock(mutex_);
        if (--connected_ == 0) {
            given_up.swap(queue_);
        } else {
            return;
        }
    }
    env_.log(sdk::Level::warning, "storage cannot read", {{"reason", reason}});
    waiting_.set(0);
    for (const auto& task : given_up) {
        task->fail({sdk::Status::unavailable, reason, kWaitForServer});
    }
}

void Readers::came_up() {
    {
        const std::lock_guard lock(mutex_);
        if (connected_++ != 0) {
            return;
        }
    }
    env_.log(sdk::Level::info, "storage reads again", {{"place", place_}});
}

}  // namespace belfry::postgresql
