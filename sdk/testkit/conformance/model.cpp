#include "sdk/testkit/conformance/model.hpp"

#include <algorithm>
#include <ranges>
#include <span>

namespace belfry::conformance {

using sdk::Status;
using sdk::view;

namespace {

template <class Op>
const Op& as(const bf_op& op) {
    return *reinterpret_cast<const Op*>(&op);
}

}  // namespace

std::uint64_t ModelStream::unread() const {
    return static_cast<std::uint64_t>(
        std::ranges::count_if(entries | std::views::values, [](const ModelEntry& entry) {
            return entry.body->kind == BF_ENTRY_NOTIFICATION &&
                   (entry.state & (BF_STATE_READ | BF_STATE_RETRACTED)) == 0;
        }));
}

sdk::GroupResult Model::apply(const bf_group& group) {
    undo_.clear();
    is_uncertain_ = false;
    sdk::GroupResult result;
    for (const bf_op* op : std::span(group.ops, group.op_count)) {
        auto& one = result.results.emplace_back();
        one.status = apply_op(*op, one);
        if (one.status != Status::ok && one.status != Status::duplicate) {
            undo();
            return {one.status, "operation " + std::to_string(result.results.size()), {}};
        }
    }
    return result;
}

void Model::undo() {
    for (const auto& step : undo_ | std::views::reverse) {
        step();
    }
    undo_.clear();
}

Status Model::apply_op(const bf_op& op, sdk::OpResult& result) {
    switch (op.kind) {
        case BF_OP_APPEND: return append(as<bf_op_append>(op), result);
        case BF_OP_MARK: return mark(as<bf_op_mark>(op), result);
        case BF_OP_CURSOR: return cursor(as<bf_op_cursor>(op));
        case BF_OP_PUT: return put(as<bf_op_put>(op), result);
        case BF_OP_DELETE: return remove(as<bf_op_delete>(op));
        case BF_OP_OWE: return owe(as<bf_op_owe>(op));
        case BF_OP_SETTLE: return settle(as<bf_op_settle>(op));
        case BF_OP_TRIM: return trim(as<bf_op_trim>(op), result);
        case BF_OP_RESET: return reset(as<bf_op_reset>(op));
        default: return Status::refused;
    }
}

void Model::save_document(const std::string& collection, const std::string& id) {
    const auto& documents = collections[collection];
    const auto found = documents.find(id);
    const auto before = found == documents.end() ? ModelDocument{} : found->second;
    undo_.emplace_back([this, collection, id, before] {
        if (before.version == 0) {
            collections[collection].erase(id);
        } else {
            collections[collection][id] = before;
        }
    });
}

bool Model::is_taken(const bf_op_put& op, const bf_key& key) const {
    return std::ranges::any_of(
        collections.at(std::string(view(op.collection))), [&](const auto& other) {
            return other.first != view(op.id) &&
                   std::ranges::any_of(other.second.keys, [&](const sdk::Key& held) {
                       return held.index == view(key.index) && held.value == view(key.value) &&
                              (held.is_unique || key.unique != 0);
                   });
        });
}

Status Model::put(const bf_op_put& op, sdk::OpResult& result) {
    const std::string collection(view(op.collection));
    const std::string id(view(op.id));
    const auto version = collections[collection][id].version;
    if (version == 0) {
        collections[collection].erase(id);
    }
    if (op.expected_version != BF_VERSION_ANY && op.expected_version != version) {
        return Status::conflict;
    }
    const std::span keys(op.keys, op.key_count);
    if (std::ranges::any_of(keys, [&](const bf_key& key) { return is_taken(op, key); })) {
        return Status::conflict;
    }
    save_document(collection, id);
    auto& document = collections[collection][id];
    document = {version + 1, std::string(sdk::text_of(op.document)), {}};
    for (const auto& key : keys) {
        document.keys.push_back(
            {std::string(view(key.index)), std::string(view(key.value)), key.unique != 0});
    }
    result.value[0] = version + 1;
    return Status::ok;
}

Status Model::remove(const bf_op_delete& op) {
    const std::string collection(view(op.collection));
    const std::string id(view(op.id));
    const auto found = collections[collection].find(id);
    if (found == collections[collection].end()) {
        return Status::not_found;
    }
    if (op.expected_version != BF_VERSION_ANY && op.expected_version != found->second.version) {
        return Status::conflict;
    }
    save_document(collection, id);
    collections[collection].erase(id);
    return Status::ok;
}

std::set<std::pair<std::string, std::string>> Model::keys(const std::string& collection,
                                                          const std::string& index) const {
    std::set<std::pair<std::string, std::string>> all;
    const auto found = collections.find(collection);
    if (found == collections.end()) {
        return all;
    }
    for (const auto& [id, document] : found->second) {
        if (index.empty()) {
            all.emplace(id, id);
        }
        for (const auto& key : document.keys) {
            if (key.index == index) {
                all.emplace(key.value, id);
            }
        }
    }
    return all;
}

Status Model::owe(const bf_op_owe& op) {
    const std::string queue(view(op.queue));
    const std::string id(view(op.id));
    if (queues[queue].contains(id)) {
        return Status::duplicate;
    }
    ModelJob job;
    job.job.queue = queue;
    job.job.id = id;
    job.job.lane = view(op.lane);
    job.job.due = op.due;
    job.job.payload = sdk::text_of(op.payload);
    job.order = ++last_order_;
    queues[queue].emplace(id, std::move(job));
    undo_.emplace_back([this, queue, id] { queues[queue].erase(id); });
    return Status::ok;
}

Status Model::settle(const bf_op_settle& op) {
    const std::string queue(view(op.queue));
    const std::string id(view(op.id));
    const auto found = queues[queue].find(id);
    if (found == queues[queue].end() || op.lease == 0 || found->second.job.lease != op.lease) {
        return Status::conflict;
    }
    undo_.emplace_back([this, queue, id, before = found->second] { queues[queue][id] = before; });
    auto& job = found->second;
    job.leased_until = 0;
    switch (op.outcome) {
        case BF_SETTLE_DONE: queues[queue].erase(found); return Status::ok;
        case BF_SETTLE_AGAIN:
            job.job.state = BF_JOB_PENDING;
            job.job.lease = 0;
            job.job.due = op.due;
            job.job.reason.clear();
            return Status::ok;
        case BF_SETTLE_DEAD:
            job.job.state = BF_JOB_DEAD;
            job.job.reason = view(op.reason);
            return Status::ok;
        default: return Status::refused;
    }
}

std::vector<sdk::Job> Model::claimable(const std::string& queue, std::int64_t now,
                                       std::uint64_t limit) const {
    const auto found = queues.find(queue);
    if (found == queues.end()) {
        return {};
    }
    std::vector<const ModelJob*> due;
    std::set<std::string> taken;  // lanes
    for (const auto& [id, job] : found->second) {
        if (job.job.state == BF_JOB_DEAD) {
            continue;
        }
        if (job.leased_until > now) {
            taken.insert(job.job.lane);
        } else if (job.job.due <= now) {
            due.push_back(&job);
        }
    }
    std::ranges::sort(due, {},
                      [](const ModelJob* job) { return std::pair(job->job.due, job->order); });
    std::vector<sdk::Job> picked;
    for (const auto* job : due) {
        if (picked.size() < limit &&
            (job->job.lane.empty() || taken.insert(job->job.lane).second)) {
            picked.push_back(job->job);
            ++picked.back().attempt;
        }
    }
    return picked;
}

void Model::lease(const sdk::Job& job, std::int64_t until) {
    auto& held = queues.at(job.queue).at(job.id);
    held.job.attempt = job.attempt;
    held.job.lease = job.lease;
    held.leased_until = until;
}

}  // namespace belfry::conformance
