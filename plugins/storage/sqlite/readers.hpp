/// The threads that read.
#pragma once

#include "plugins/storage/sqlite/reader.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace belfry::sqlite {

/// Each thread has a connection of its own. Calls from any thread.
class Readers {
public:
    /// Opens the connections. Throws SqlError, SQLite::Exception.
    Readers(const std::string& path, const Arrivals& arrivals, std::uint32_t count);
    /// What was accepted is worked on first.
    ~Readers();
    Readers(const Readers&) = delete;
    Readers& operator=(const Readers&) = delete;

    /// `task` must not throw. False: too many wait.
    bool run(std::function<void(Reader&)> task);

private:
    void work(Reader& reader);

    std::vector<std::unique_ptr<Reader>> readers_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void(Reader&)>> queue_;
    bool is_stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace belfry::sqlite
