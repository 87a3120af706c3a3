/// What a workload did to the disk, and what it was told, in one order.
#pragma once

#include "tests/power_loss/disk_vfs.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace belfry::power_loss {

struct Event {
    enum class Kind { create, write, truncate, sync, sync_folder, remove, answer };

    Kind kind = Kind::answer;
    int file = 0;             ///< a number; a file that is made again gets another
    std::string name;         ///< create, remove: without the folder
    std::int64_t offset = 0;  ///< write; truncate: the new size
    std::string bytes;        ///< write
    std::uint64_t group = 0;  ///< answer: all groups up to it are said to be stored
};

/// Takes down what happens in a folder. Any thread.
class Recorder : public DiskObserver {
public:
    int before(const Operation& operation) override;
    void after(const Operation& operation) override;
    /// The workload was told so.
    void answer(std::uint64_t group);

    /// When nothing happens any more.
    [[nodiscard]] std::vector<Event> take();

private:
    /// Makes the file known where it is not.
    int file_of(const std::string& name);
    void add(Event event);

    std::mutex mutex_;
    std::map<std::string, int> files_;
    int last_file_ = 0;
    std::vector<Event> events_;
};

}  // namespace belfry::power_loss
