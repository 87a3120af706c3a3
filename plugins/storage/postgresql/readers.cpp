#include "plugins/storage/postgresql/readers.hpp"

#include <chrono>

namespace belfry::postgresql {

namespace {

constexpr std::size_t kMaxQueued = 65'536;
constexpr std::chrono::seconds kStop{10};
constexpr std::chrono::seconds kCutAgain{1};

}  // namespace

Readers::Readers(const Options& options, sdk::Env env)
    : options_(options), place_(options.place()), env_(env),
      waiting_(env.gauge("postgresql_reads_waiting", "Reads that wait for a connection")),
      seats_(options.readers) {
    for (auto& seat : seats_) {
        seat.reader = std::make_unique<Reader>(options);
    }
    connected_ = running_ = seats_.size();
    for (auto& seat : seats_) {
        seat.thread = std::thread([this, &seat] { run(seat); });
    }
}

Readers::~Readers() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    changed_.notify_all();
    stopping_.notify_all();
    join();
}

void Readers::join() {
    {
        std::unique_lock lock(mutex_);
        auto patience = kStop;
        while (!ended_.wait_for(lock, patience, [this] { return running_ == 0; })) {
            is_cut_ = true;
            for (const auto& seat : seats_) {
                if (seat.reader != nullptr) {
                    seat.reader->sever();
                }
            }
            patience = kCutAgain;
        }
    }
    for (auto& seat : seats_) {
        seat.thread.join();
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

void Readers::run(Seat& seat) {
    while (const auto task = take()) {
        const auto failure = serve(seat, *task);
        if (failure) {
            leave(seat, *failure);
            task->fail(*failure);
            if (!connect_again(seat)) {
                break;
            }
        }
    }
    const std::lock_guard lock(mutex_);
    --running_;
    ended_.notify_all();
}

std::optional<sdk::Failure> Readers::serve(Seat& seat, ReadTask& task) {
    try {
        task.run(*seat.reader);
        return std::nullopt;
    } catch (const SqlError&) {
        sit(seat, nullptr);
    }
    try {
        sit(seat, std::make_unique<Reader>(options_));
        task.run(*seat.reader);
        return std::nullopt;
    } catch (const SqlError& error) {
        return sdk::Failure(sdk::Status::unavailable, trouble_of(error, place_).message,
                            kWaitForServer);
    }
}

/// What was there before is closed without the lock.
void Readers::sit(Seat& seat, std::unique_ptr<Reader> reader) {
    const std::lock_guard lock(mutex_);
    if (reader != nullptr && is_cut_) {
        throw SqlError({}, true, "the storage is stopping");
    }
    seat.reader.swap(reader);
}

bool Readers::connect_again(Seat& seat) {
    Reconnect tries(env_);
    for (;;) {
        tries.failed();
        {
            std::unique_lock lock(mutex_);
            if (stopping_.wait_for(lock, tries.wait(), [this] { return is_stopping_; })) {
                return false;
            }
        }
        try {
            sit(seat, std::make_unique<Reader>(options_));
            break;
        } catch (const SqlError&) {
            continue;
        }
    }
    {
        const std::lock_guard lock(mutex_);
        if (connected_++ != 0) {
            return true;
        }
    }
    env_.log(sdk::Level::info, "storage reads again", {{"place", place_}});
    return true;
}

void Readers::leave(Seat& seat, const sdk::Failure& failure) {
    sit(seat, nullptr);
    std::deque<std::unique_ptr<ReadTask>> given_up;
    {
        const std::lock_guard lock(mutex_);
        if (--connected_ != 0) {
            return;
        }
        given_up.swap(queue_);
        waiting_.set(0);
    }
    env_.log(sdk::Level::warning, "storage cannot read", {{"reason", failure.what()}});
    for (const auto& task : given_up) {
        task->fail(failure);
    }
}

}  // namespace belfry::postgresql
