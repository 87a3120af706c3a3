/// Random groups of operations that make sense often enough.
#pragma once

#include "sdk/testkit/conformance/group.hpp"
#include "sdk/testkit/conformance/model.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::conformance {

/// The same seed gives the same groups for the same states.
class RandomGroups {
public:
    explicit RandomGroups(std::mt19937_64& random) : random_(random) {}

    /// One to four operations, some of which fail. Nothing is trimmed.
    Group make(const Model& model);
    /// Bounds for a trim, without a limit; `stream` may become empty.
    bf_op_trim trim(std::string& stream);

    static const std::vector<std::string>& streams();
    static const std::vector<std::string>& collections();
    /// "" first: by id.
    static const std::vector<std::string>& indexes();
    static const std::vector<std::string>& queues();

    /// The time of the last operation; it only rises.
    [[nodiscard]] std::int64_t time() const { return time_; }
    std::uint64_t below(std::uint64_t end) { return random_() % end; }
    bool chance(std::uint64_t percent) { return below(100) < percent; }
    const std::string& one_of(const std::vector<std::string>& names) {
        return names[below(names.size())];
    }

private:
    void add(Group& group, const Model& model);
    void add_append(Group& group);
    void add_mark(Group& group, const Model& model);
    void add_cursor(Group& group, const Model& model);
    void add_document(Group& group, const Model& model);
    void add_job(Group& group, const Model& model);

    struct Sent {
        sdk::Notification note;
        std::string hash;
        std::uint32_t kind = BF_ENTRY_NOTIFICATION;
    };

    std::mt19937_64& random_;
    std::vector<Sent> sent_;
    std::uint64_t count_ = 0;
    std::int64_t time_ = 1'000;
};

}  // namespace belfry::conformance
