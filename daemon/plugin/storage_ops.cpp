#include "daemon/plugin/storage_ops.hpp"

#include "daemon/plugin/abi_values.hpp"
#include "daemon/plugin/owned_values.hpp"

#include <new>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace belfry::plugin {
namespace {

constexpr std::size_t kPerOp =
    sizeof(bf_op_append) + sizeof(bf_notification) + sizeof(std::uintptr_t) + 16;

class Arena {
public:
    explicit Arena(std::pmr::memory_resource& memory) : memory_(memory) {}

    /// Elements are left as they are: the caller fills in all of them.
    template <class Element>
    Element* array(std::size_t count) {
        static_assert(std::is_trivially_destructible_v<Element>);
        // NOLINTNEXTLINE(bugprone-sizeof-expression): an element may be a pointer
        return static_cast<Element*>(memory_.allocate(count * sizeof(Element), alignof(Element)));
    }
    template <class Element>
    const bf_op* add(const Element& value) {
        return &(new (array<Element>(1)) Element(value))->op;
    }

private:
    std::pmr::memory_resource& memory_;
};

template <class Struct>
constexpr bf_op head(std::uint32_t kind) {
    return {sizeof(Struct), kind};
}

class OpWriter {
public:
    OpWriter(Arena& arena, CommitShape& shape) : arena_(arena), shape_(shape) {}

    const bf_op* operator()(const Append& op) {
        auto* streams = arena_.array<bf_str>(op.streams.size());
        for (std::size_t index = 0; index < op.streams.size(); ++index) {
            streams[index] = str(op.streams[index]);
        }
        const bf_notification* notification = nullptr;
        if (op.notification != nullptr) {
            notification =
                new (arena_.array<bf_notification>(1)) bf_notification(to_abi(*op.notification));
        }
        shape_.streams.back() = static_cast<std::uint32_t>(op.streams.size());
        return arena_.add(bf_op_append{head<bf_op_append>(BF_OP_APPEND),
                                       static_cast<std::uint32_t>(op.kind),
                                       op.repeated ? BF_APPEND_REPEATED : 0U, notification,
                                       bytes(op.content_hash), streams, op.streams.size()});
    }
    const bf_op* operator()(const Mark& op) {
        return arena_.add(bf_op_mark{head<bf_op_mark>(BF_OP_MARK), op.set, op.clear, str(op.stream),
                                     op.seqs.data(), op.seqs.size(), op.up_to, op.time, op.epoch,
                                     op.limit});
    }
    const bf_op* operator()(const MoveCursor& op) {
        return arena_.add(bf_op_cursor{head<bf_op_cursor>(BF_OP_CURSOR), str(op.stream),
                                       str(op.device), op.delivered, op.read, op.epoch, op.time,
                                       op.keep});
    }
    const bf_op* operator()(const Put& op) {
        auto* keys = arena_.array<bf_key>(op.keys.size());
        for (std::size_t index = 0; index < op.keys.size(); ++index) {
            keys[index] = to_abi(op.keys[index]);
        }
        return arena_.add(bf_op_put{head<bf_op_put>(BF_OP_PUT), str(op.collection), str(op.id),
                                    op.expected_version, bytes(op.document), keys, op.keys.size()});
    }
    const bf_op* operator()(const Delete& op) {
        return arena_.add(bf_op_delete{head<bf_op_delete>(BF_OP_DELETE), str(op.collection),
                                       str(op.id), op.expected_version});
    }
    const bf_op* operator()(const Owe& op) {
        return arena_.add(bf_op_owe{head<bf_op_owe>(BF_OP_OWE), str(op.queue), str(op.id),
                                    str(op.lane), op.due, bytes(op.payload)});
    }
    const bf_op* operator()(const Settle& op) {
        return arena_.add(bf_op_settle{head<bf_op_settle>(BF_OP_SETTLE),
                                       static_cast<std::uint32_t>(op.outcome), 0, str(op.queue),
                                       str(op.id), op.lease, op.due, str(op.reason)});
    }
    const bf_op* operator()(const Trim& op) {
        return arena_.add(bf_op_trim{head<bf_op_trim>(BF_OP_TRIM), str(op.stream), op.older_than,
                                     op.keep, op.expired_at, op.limit});
    }
    const bf_op* operator()(const Reset& op) {
        return arena_.add(bf_op_reset{head<bf_op_reset>(BF_OP_RESET), str(op.stream)});
    }

private:
    Arena& arena_;
    CommitShape& shape_;
};

/// Enough for all but documents with many keys, which then cost a second piece.
std::size_t memory_for(std::span<const Group> groups) {
    std::size_t size = groups.size() * sizeof(bf_group);
    for (const Group& group : groups) {
        size += group.size() * kPerOp;
        for (const Op& op : group) {
            if (const auto* append = std::get_if<Append>(&op)) {
                size += append->streams.size() * sizeof(bf_str);
            }
        }
    }
    return size + 64;
}

}  // namespace

AbiGroups::AbiGroups(std::span<const Group> groups)
    : memory_(memory_for(groups)), count_(groups.size()) {
    Arena arena(memory_);
    OpWriter writer(arena, shape_);
    groups_ = arena.array<bf_group>(groups.size());
    shape_.ops.reserve(groups.size());
    for (const Group& group : groups) {
        auto* ops = arena.array<const bf_op*>(group.size());
        for (std::size_t index = 0; index < group.size(); ++index) {
            shape_.streams.push_back(0);
            ops[index] = std::visit(writer, group[index]);
        }
        groups_[shape_.ops.size()] = {sizeof(bf_group), 0, ops, group.size()};
        shape_.ops.push_back(static_cast<std::uint32_t>(group.size()));
    }
}

}  // namespace belfry::plugin
