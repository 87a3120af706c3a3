/// A process of the kit's own, to be killed.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace belfry::conformance {

/// The kit started again with other arguments, and the lines it says. Killed at the latest by the
/// destructor. One thread.
class Child {
public:
    using Clock = std::chrono::steady_clock;
    using Hear = std::function<void(const std::string& line)>;

    /// Throws testkit::Failed.
    explicit Child(std::vector<std::string> arguments);
    ~Child();
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// Reads what there is, waiting until `end` at most; false where there will be no more.
    bool listen(const Hear& hear, Clock::time_point end);
    void listen_to_the_end(const Hear& hear);
    /// -> the signal that ended it, 0 where none did.
    int kill();

private:
    bool read(const Hear& hear);

    pid_t process_ = 0;
    int output_ = -1;
    std::string text_;
};

/// For the child: one line on the standard output, in one piece. Throws testkit::Failed where
/// nobody listens.
void say(std::string line);

}  // namespace belfry::conformance
