/// Lines of a file descriptor, read ahead on a thread of its own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace belfry::cli {

struct Line {
    std::uint64_t number = 0;  ///< from 1
    std::string text;
    bool is_too_long = false;  ///< more than kLongestLine; without its text
};

constexpr std::size_t kLongestLine = 1U << 20U;  ///< bytes

/// Reads on while the lines before are on their way, up to a bound; then the writer waits.
class LineSource {
public:
    explicit LineSource(int descriptor);
    /// The reader may be stuck in read(2) for ever: it is left behind, for the process is about to
    /// end.
    ~LineSource();
    LineSource(const LineSource&) = delete;
    LineSource& operator=(const LineSource&) = delete;

    /// Waits for a line, then takes what is there: at most `most` lines and about `bytes` bytes.
    /// Empty lines are left out. Nothing = the end, and then error() says why.
    std::vector<Line> take(std::size_t most, std::size_t bytes);
    /// The errno of the read that failed; 0 = the end of the input, or not there yet.
    [[nodiscard]] int error() const;

    struct Shared;

private:
    static void read_all(const std::shared_ptr<Shared>& shared, int descriptor);

    std::shared_ptr<Shared> shared_;
};

}  // namespace belfry::cli
