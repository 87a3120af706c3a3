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
    int error = 0;
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

    void finish(int with_error) {
        const std::lock_guard lock(mutex);
        error = with_error;
        is_finished = true;
        changed.notify_all();
    }
};

namespace {

/// Cuts bytes into lines.
class Cutter {
public:
    explicit Cutter(LineSource::Shared& shared) : shared_(shared) {}

    /// False where nobody wants lines any more.
    bool feed(std::string_view bytes) {
        while (is_wanted_ && !bytes.empty()) {
            const auto end = bytes.find('\n');
            append(bytes.substr(0, end));
            if (end == std::string_view::npos) {
                break;
            }
            finish_line();
            bytes.remove_prefix(end + 1);
        }
        return is_wanted_;
    }

    void finish_line() {
        if (!line_.text.empty()) {
            is_wanted_ = shared_.add(std::move(line_));
        }
        line_ = {.number = ++number_, .text = {}};
        is_skipping_ = false;
    }

private:
    void append(std::string_view part) {
        if (is_skipping_) {
            return;
        }
        if (line_.text.size() + part.size() > kLongestLine) {
            is_skipping_ = true;
            is_wanted_ = shared_.add({.number = number_, .text = {}, .is_too_long = true});
            line_ = {};
            return;
        }
        line_.text += part;
    }

    LineSource::Shared& shared_;
    std::uint64_t number_ = 1;
    Line line_{.number = 1, .text = {}};
    bool is_skipping_ = false;  ///< the rest of a line that is too long
    bool is_wanted_ = true;
};

}  // namespace

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
    Cutter cutter(*shared);
    int error = 0;
    for (;;) {
        // The lock of an earlier turn is not held here.
        // NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection)
        const auto count = ::read(descriptor, buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            error = count < 0 ? errno : 0;
            break;
        }
        if (!cutter.feed({buffer.data(), static_cast<std::size_t>(count)})) {
            return;
        }
    }
    if (error == 0) {
        cutter.finish_line();
    }
    shared->finish(error);
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

int LineSource::error() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->error;
}

}  // namespace belfry::cli
