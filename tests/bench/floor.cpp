#include "tests/bench/floor.hpp"

#include <chrono>
#include <thread>

namespace belfry::bench {
namespace {

constexpr Nanos kStartTime = 5 * kSecond;
constexpr Nanos kStopTime = 5 * kSecond;

Result<> wait_until_open(Child& child, std::uint16_t port) {
    const Nanos deadline = system_clock().monotonic() + kStartTime;
    while (child.is_running() && system_clock().monotonic() < deadline) {
        if (connect_to(port, true)) {
            return {};
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return fail(Code::unavailable, "the floor does not start");
}

}  // namespace

Result<Floor> Floor::start(const Machine& machine) {
    const auto port = find_port();
    if (!port) {
        return std::unexpected(port.error());
    }
    auto child = Child::start(
        {machine.folder + "/belfry-bench", std::string(kFloorCommand), std::to_string(*port)},
        machine.server_core, {});
    if (!child) {
        return std::unexpected(child.error());
    }
    if (auto open = wait_until_open(*child, *port); !open) {
        return std::unexpected(open.error());
    }
    return Floor(std::move(*child), *port);
}

Result<> Floor::stop() { return child_.stop(kStopTime); }

}  // namespace belfry::bench
