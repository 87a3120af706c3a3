/// The calls that wait for the writer thread.
#pragma once

#include "plugins/storage/postgresql/work.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

namespace belfry::postgresql {

using Batch = std::vector<std::unique_ptr<Work>>;

/// Bounded by groups and bytes. Closed until open() and after close(). Any thread.
class WorkQueue {
public:
    void open();
    /// What is queued can still be taken.
    void close();
    /// Fails the work with closed, or with unavailable when there is no room.
    void push(std::unique_ptr<Work> work);
    /// Waits for work, at most that long, and takes as much as one transaction should hold. Empty
    /// when there was none.
    Batch take(std::chrono::milliseconds wait);
    /// Everything, at once.
    Batch take_all();
    /// Waits that long, or until it is closed -> whether it is closed.
    bool pause(std::chrono::milliseconds time);
    [[nodiscard]] bool is_closed() const;
    /// Closed, and nothing left.
    [[nodiscard]] bool ended() const;
    /// Groups that wait.
    [[nodiscard]] std::size_t depth() const;

private:
    bool admit(std::unique_ptr<Work>& work, Trouble& trouble);

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::unique_ptr<Work>> waiting_;
    std::size_t groups_ = 0;
    std::size_t bytes_ = 0;
    bool open_ = false;
};

}  // namespace belfry::postgresql
