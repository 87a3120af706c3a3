#include "cli/line_source.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <string_view>
#include <thread>

namespace belfry::cli {
namespace {

constexpr std::size_t kMostBytes = 4U << 20U;
constexpr std::size_t kReadSize = 64 * 1024;

}  // namespace

struct LineSource::Shared {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Line> lines;
    std::size_t bytes = 0;
    bool is_finished = false;
    bool is_abandoned = false;

    /// False where nobody wants lines any more.
    bool add(Line line) {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return bytes < kMostBytes || is_abandoned; });
        bytes += line.text.size() + sizeof line;
        lines.push_back(std::move(line));
        changed.notify_all();
        return !is_abandoned;
    }
};

LineSource::LineSource(int descriptor) : shared_(std::make_shared<Shared>()) {
    std::thread([shared = shared_, descriptor] { read_all(shared, descriptor); }).detach();
}

LineSource::~LineSource() {
    const std::lock_guard lock(shared_->mutex);
    shared_->is_abandoned = true;
    shared_->changed.notify_all();
}

void LineSource::read_all(const std::shared_ptr<Shared>& shared, int descriptor) {
    std::array<char, kReadSize> buffer{};
    Line line{.number = 1, .text = {}};
    bool is_wanted = true;
    const auto finish_line = [&] {
        const std::uint64_t number = line.number;
        if (!line.text.empty()) {
            is_wanted = shared->add(std::move(line));
        }
        line = {.number = number + 1, .text = {}};
    };
    while (is_wanted) {
        const auto count = ::read(descriptor, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            break;
        }
        for (const char byte : std::string_view(buffer.data(), static_cast<std::size_t>(count))) {
            if (byte == '\n') {
                finish_line();
            } else {
                line.text += byte;
            }
        }
    }
    finish_line();
    const std::lock_guard lock(shared->mutex);
    shared->is_finished = true;
    shared->changed.notify_all();
}

std::vector<Line> LineSource::take(std::size_t most, std::size_t bytes) {
    std::unique_lock lock(shared_->mutex);
    shared_->changed.wait(lock, [this] { return !shared_->lines.empty() || shared_->is_finished; });
    std::vector<Line> taken;
    std::size_t size = 0;
    while (!shared_->lines.empty() && taken.size() < most &&
           (taken.empty() || size + shared_->lines.front().text.size() <= bytes)) {
        size += shared_->lines.front().text.size();
        shared_->bytes -= shared_->lines.front().text.size() + sizeof(Line);
        taken.push_back(std::move(shared_->lines.front()));
        shared_->lines.pop_front();
    }
    shared_->changed.notify_all();
    return taken;
}

}  // namespace belfry::cli
