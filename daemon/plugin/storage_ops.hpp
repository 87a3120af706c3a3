/// Commit groups in the ABI's form.
#pragma once

#include "daemon/plugin/values.hpp"

#include <belfry/abi.h>

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <span>
#include <utility>
#include <vector>

namespace belfry::plugin {

/// What the results of a commit must look like.
struct CommitShape {
    std::vector<std::uint32_t> ops;  ///< of each group
    std::vector<std::uint32_t>
        streams;  ///< of each operation of all groups: places an append gives
};

/// Borrows every text and payload from the groups; all else lies in one piece of memory.
class AbiGroups {
public:
    explicit AbiGroups(std::span<const Group> groups);

    [[nodiscard]] const bf_group* data() const { return groups_; }
    [[nodiscard]] std::uint64_t size() const { return count_; }
    [[nodiscard]] CommitShape take_shape() { return std::move(shape_); }

private:
    std::pmr::monotonic_buffer_resource memory_;
    bf_group* groups_ = nullptr;
    std::uint64_t count_;
    CommitShape shape_;
};

}  // namespace belfry::plugin
