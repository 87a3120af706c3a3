/// What a long command tells people while it runs.
#pragma once

#include "daemon/base/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace belfry {

/// A bar on standard error: redrawn in place on a terminal, else a line every ten seconds. One
/// thread.
class Progress {
public:
    /// `expected`: how many in all, as far as it is known; 0 = not. `unit`: of what, "records".
    Progress(const Clock& clock, std::string step, std::uint64_t expected, std::string unit);
    /// Ends the line.
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// `done` so far.
    void show(std::uint64_t done);

private:
    [[nodiscard]] std::string line(std::uint64_t done) const;

    const Clock& clock_;
    const std::string step_;
    const std::uint64_t expected_;
    const std::string unit_;
    const bool is_terminal_;
    const Nanos since_;
    Nanos shown_at_ = 0;
};

/// 1234567 -> "1,234,567".
std::string grouped(std::uint64_t number);

}  // namespace belfry
