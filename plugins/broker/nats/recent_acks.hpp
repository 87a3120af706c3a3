/// Acknowledgements that a server which is killed may have forgotten.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <utility>

namespace belfry::nats {

/// The latest ones: by the message's sequence, the subject that acknowledges it.
class RecentAcks {
public:
    void add(std::uint64_t sequence, std::string subject) {
        if (subjects_.insert_or_assign(sequence, std::move(subject)).second) {
            order_.push_back(sequence);
        }
        if (order_.size() > kMost) {
            subjects_.erase(order_.front());
            order_.pop_front();
        }
    }
    void clear() {
        subjects_.clear();
        order_.clear();
    }
    [[nodiscard]] bool contains(std::uint64_t sequence) const {
        return subjects_.contains(sequence);
    }
    [[nodiscard]] const std::unordered_map<std::uint64_t, std::string>& subjects() const {
        return subjects_;
    }

private:
    static constexpr std::size_t kMost = 4'096;

    std::unordered_map<std::uint64_t, std::string> subjects_;
    std::deque<std::uint64_t> order_;
};

}  // namespace belfry::nats
