/// What was begun and what was acknowledged before the crashes, and what must be there after them.
#pragma once

#include "sdk/testkit/conformance/crash_work.hpp"
#include "sdk/testkit/conformance/store.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace belfry::conformance {

class CrashHistory {
public:
    /// Makes the streams; before the first crash.
    static void prepare(Store& store);

    /// A line of the child's.
    void hear(const std::string& line);
    [[nodiscard]] std::size_t acknowledged() const { return acknowledged_; }

    /// Repeats what has no answer, as the daemon does: from then on all that was begun is done.
    void repeat_unknown(Store& store);
    /// The first thing that is not as it must be; empty where all is well.
    std::string fault(Store& store);

private:
    struct Found {
        std::map<std::uint64_t, std::uint64_t> seqs;  ///< by number of the work
        std::uint64_t earliest = 0;
    };
    using Documents = std::map<std::string, sdk::Document>;

    void repeat(Store& store, const Work& work);
    std::string stream_fault(Store& store, std::uint64_t stream);
    std::string entry_fault(std::uint64_t stream, const sdk::Entry& entry);
    std::string order_fault(std::uint64_t stream) const;
    /// Takes the document it finds.
    std::string publish_fault(const Work& work, Documents& documents) const;
    std::string place_fault(const Work& work) const;
    std::string counter_fault(Store& store, std::uint64_t thread);
    std::string job_fault(Store& store, std::uint64_t thread);

    std::map<std::uint64_t, Work> begun_;
    std::map<std::uint64_t, std::vector<std::uint64_t>> answered_;  ///< seqs, by number
    std::vector<std::uint64_t> unknown_;
    std::size_t acknowledged_ = 0;
    std::set<std::pair<std::uint64_t, std::uint64_t>> read_;  ///< stream, seq
    std::map<std::uint64_t, std::uint64_t> epochs_;           ///< by stream
    std::map<std::uint64_t, Found> found_;                    ///< by stream
};

}  // namespace belfry::conformance
