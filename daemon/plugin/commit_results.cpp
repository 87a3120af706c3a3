#include "daemon/plugin/abi_values.hpp"
#include "daemon/plugin/storage_results.hpp"

#include <string>
#include <utility>

namespace belfry::plugin {
namespace {

/// Of one append; a duplicate may answer with the first one's.
constexpr std::uint64_t kMostPlaces = 1'000'000;

Result<OpResult> to_op_result(const bf_op_result& from, std::uint32_t streams) {
    if (from.status != BF_OK && from.status != BF_DUPLICATE) {
        return wrong("a stored group has an operation with status " + std::to_string(from.status));
    }
    OpResult result{from.status == BF_DUPLICATE,   std::string(view(from.id)), {}, {}, from.count,
                    {from.value[0], from.value[1]}};
    if (streams == 0) {
        return result;
    }
    // The first append's places, where it is a duplicate: perhaps in other streams.
    if ((from.status == BF_OK && from.count != streams) || from.count > kMostPlaces ||
        (from.count != 0 && (from.epochs == nullptr || from.seqs == nullptr))) {
        return wrong("an append to " + std::to_string(streams) + " streams has " +
                     std::to_string(from.count) + " places");
    }
    result.epochs.assign(from.epochs, from.epochs + from.count);
    result.seqs.assign(from.seqs, from.seqs + from.count);
    return result;
}

Result<GroupResult> to_group_result(const bf_group_result& from, std::uint32_t ops,
                                    const std::uint32_t* streams) {
    if (from.status != BF_OK) {
        const Code code = to_code(from.status);
        return GroupResult(
            std::unexpected(Error{code, from.message.len == 0 ? std::string(name_of(code))
                                                              : std::string(view(from.message))}));
    }
    const AbiArray<bf_op_result> given(from.results, from.result_count);
    if (from.result_count != ops || !given.is_sound(ops)) {
        return wrong("a group of " + std::to_string(ops) + " operations has " +
                     std::to_string(from.result_count) + " results");
    }
    std::vector<OpResult> results;
    results.reserve(ops);
    for (std::uint32_t index = 0; index < ops; ++index) {
        auto result = to_op_result(given[index], streams[index]);
        if (!result) {
            return std::unexpected(result.error());
        }
        results.push_back(*std::move(result));
    }
    return GroupResult(std::move(results));
}

}  // namespace

Result<Committed> to_committed(const void* value, const CommitShape& shape) {
    const auto known = fetch<bf_commit_value>(value);
    if (!known) {
        return wrong("no value");
    }
    const AbiArray<bf_group_result> given(known->groups, known->group_count);
    if (known->group_count != shape.ops.size() || !given.is_sound(shape.ops.size())) {
        return wrong(std::to_string(shape.ops.size()) + " groups have " +
                     std::to_string(known->group_count) + " results");
    }
    Committed committed;
    committed.reserve(shape.ops.size());
    const std::uint32_t* streams = shape.streams.data();
    for (std::size_t index = 0; index < shape.ops.size(); ++index) {
        auto group = to_group_result(given[index], shape.ops[index], streams);
        if (!group) {
            return std::unexpected(group.error());
        }
        committed.push_back(*std::move(group));
        streams += shape.ops[index];
    }
    return committed;
}

}  // namespace belfry::plugin
