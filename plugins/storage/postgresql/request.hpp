/// A commit call's groups, copied out of the caller's memory.
#pragma once

#include <belfry/storage.hpp>

#include <cstdint>
#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

namespace belfry::postgresql {

/// Made on the caller's thread, used on the writer's.
class Request {
public:
    using Group = std::span<const bf_op* const>;

    explicit Request(const sdk::Array<bf_group>& groups);
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;

    /// Each operation has the size of this version's struct; an unknown kind is only its bf_op.
    [[nodiscard]] const std::vector<Group>& groups() const { return groups_; }
    /// Of text and data held.
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

private:
    template <class Item>
    Item* make(std::size_t count = 1);
    template <class Struct>
    Struct* take(const void* from, std::size_t size);
    void own(bf_str& text);
    void own(bf_bytes& bytes);
    template <class... Texts>
    void own_all(Texts&... texts) {
        (own(texts), ...);
    }
    const bf_op* copy(const bf_op* from);
    const bf_op* copy_append(const bf_op* from);
    const bf_op* copy_mark(const bf_op* from);
    const bf_op* copy_put(const bf_op* from);

    std::pmr::monotonic_buffer_resource arena_;
    std::vector<Group> groups_;
    std::size_t bytes_ = 0;
};

}  // namespace belfry::postgresql
