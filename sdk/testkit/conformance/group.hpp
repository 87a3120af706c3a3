/// Groups of operations, as C structs that own what they point to.
#pragma once

#include <belfry/storage.hpp>
#include <belfry/types.hpp>

#include <cstdint>
#include <deque>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::conformance {

/// One group. Each function adds an operation; the forms that take a C struct copy it and fill in
/// the names.
class Group {
public:
    Group() = default;
    Group(const Group&) = delete;
    Group& operator=(const Group&) = delete;
    Group(Group&&) = default;
    Group& operator=(Group&&) = default;

    Group& append(sdk::Notification note, std::vector<std::string> streams,
                  std::string_view hash = {}, std::uint32_t kind = BF_ENTRY_NOTIFICATION,
                  std::uint32_t flags = 0);

    Group& mark(std::string_view stream, std::uint32_t set, std::uint32_t clear,
                std::vector<std::uint64_t> seqs, std::uint64_t up_to = 0, std::int64_t time = 1);
    Group& mark(std::string_view stream, bf_op_mark op, std::vector<std::uint64_t> seqs = {});
    Group& cursor(std::string_view stream, std::string_view device, std::uint64_t delivered,
                  std::uint64_t read);
    Group& cursor(std::string_view stream, std::string_view device, bf_op_cursor op);
    Group& put(std::string_view collection, std::string_view id, std::uint64_t version,
               std::string_view document, std::vector<sdk::Key> keys = {});
    Group& remove(std::string_view collection, std::string_view id, std::uint64_t version);
    Group& owe(std::string_view queue, std::string_view id, std::int64_t due,
               std::string_view lane = {}, std::string_view payload = {});
    Group& settle(const sdk::Job& job, std::uint32_t outcome, std::int64_t due = 0,
                  std::string_view reason = {});
    Group& trim(bf_op_trim bounds, std::string_view stream = {});
    Group& reset(std::string_view stream);
    /// An operation of a kind that there is not.
    Group& unknown();

    /// Valid as long as the group is neither changed nor gone.
    [[nodiscard]] bf_group wire() const;

private:
    bf_str keep(std::string_view text);
    bf_bytes keep_bytes(std::string_view text);
    template <class Op>
    Group& add(Op op, std::uint32_t kind);

    std::deque<std::string> texts_;
    std::deque<bf_notification> notes_;
    std::deque<std::vector<bf_str>> names_;
    std::deque<std::vector<std::uint64_t>> numbers_;
    std::deque<std::vector<bf_key>> keys_;
    std::vector<std::shared_ptr<void>> memory_;
    std::vector<const bf_op*> ops_;
};

/// The groups of one call.
std::vector<bf_group> wire(const std::vector<const Group*>& groups);

/// With the id given and short texts, of the time 1,000.
sdk::Notification note(std::string id);
/// With an event behind it.
sdk::Notification note_of(std::string id, std::string source, std::string event);

}  // namespace belfry::conformance
