#include "plugins/broker/rabbitmq/wake.hpp"

#include <belfry/types.hpp>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace belfry::rabbitmq {

namespace {

constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kLongest = 60'000;  // ms

}  // namespace

Wake::Wake() : file_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (file_ < 0) {
        throw sdk::Failure(sdk::Status::unavailable, "no descriptor left for a thread");
    }
}

Wake::~Wake() { ::close(file_); }

void Wake::notify() const {
    const std::uint64_t one = 1;
    // Can only fail where it is notified already.
    [[maybe_unused]] const auto written = ::write(file_, &one, sizeof one);
}

void Wake::wait(int socket, std::int64_t patience) const {
    std::array<pollfd, 2> files{pollfd{file_, POLLIN, 0}, pollfd{socket, POLLIN, 0}};
    // Rounded up: what is due is due when the wait has ended.
    const auto limit =
        std::clamp<std::int64_t>((patience + kMillisecond - 1) / kMillisecond, 0, kLongest);
    ::poll(files.data(), files.size(), static_cast<int>(limit));
    if (files[0].revents != 0) {
        std::uint64_t count = 0;
        [[maybe_unused]] const auto size = ::read(file_, &count, sizeof count);
    }
}

}  // namespace belfry::rabbitmq
