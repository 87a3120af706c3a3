/// Which streams a shard may have followers of, and how much is on its way there.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace belfry::live {

/// A counting filter: never forgets a stream that is followed, sometimes thinks of one that is not.
/// Any thread, lock-free. A follower is added before the stream's head is read, and a commit asks
/// after it is durable, so every entry is seen by the one or the other.
class Interest {
public:
    Interest() : counts_(std::make_unique<std::atomic<std::uint32_t>[]>(kBuckets)) {}

    void add(std::string_view stream) { bucket(stream).fetch_add(1); }
    void remove(std::string_view stream) { bucket(stream).fetch_sub(1); }
    [[nodiscard]] bool may_have(std::string_view stream) const {
        return bucket(stream).load() != 0;
    }

    /// Batches that are on their way to the shard.
    void add_batch() { batches_.fetch_add(1); }
    void remove_batch() { batches_.fetch_sub(1); }
    [[nodiscard]] std::uint32_t batches() const { return batches_.load(); }

private:
    static constexpr std::size_t kBuckets = std::size_t{1} << 14U;

    [[nodiscard]] std::atomic<std::uint32_t>& bucket(std::string_view stream) const {
        return counts_[std::hash<std::string_view>{}(stream) % kBuckets];
    }

    std::unique_ptr<std::atomic<std::uint32_t>[]> counts_;
    std::atomic<std::uint32_t> batches_{0};
};

}  // namespace belfry::live
