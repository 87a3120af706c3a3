#include "sdk/testkit/conformance/random_groups.hpp"

#include <algorithm>
#include <iterator>

namespace belfry::conformance {
namespace {

constexpr std::uint64_t kRemembered = 30;

std::uint32_t some_bits(std::uint64_t number) {
    // All of them now and then, those of the storage too: they are left alone.
    return static_cast<std::uint32_t>(number % 5 == 0 ? number % 32 : 1ULL << number % 3);
}

}  // namespace

const std::vector<std::string>& RandomGroups::streams() {
    static const std::vector<std::string> names{"user:a", "user:b", "topic:c", "\xc3\xa9", "Z"};
    return names;
}

const std::vector<std::string>& RandomGroups::collections() {
    static const std::vector<std::string> names{"users", "things"};
    return names;
}

const std::vector<std::string>& RandomGroups::indexes() {
    static const std::vector<std::string> names{"", "mail", "age"};
    return names;
}

const std::vector<std::string>& RandomGroups::queues() {
    static const std::vector<std::string> names{"out", "later"};
    return names;
}

Group RandomGroups::make(const Model& model) {
    Group group;
    if (chance(3)) {
        // First, so that it is the first to fail in whatever order a storage looks at them.
        group.unknown();
    }
    for (auto count = 1 + below(4); count > 0; --count) {
        ++time_;
        add(group, model);
    }
    return group;
}

void RandomGroups::add(Group& group, const Model& model) {
    const auto kind = below(100);
    if (kind < 32) {
        add_append(group);
    } else if (kind < 55) {
        add_mark(group, model);
    } else if (kind < 65) {
        add_cursor(group, model);
    } else if (kind < 82) {
        add_document(group, model);
    } else if (kind < 98) {
        add_job(group, model);
    } else {
        group.reset(one_of(streams()));
    }
}

void RandomGroups::add_append(Group& group) {
    std::vector<std::string> to;
    std::ranges::copy_if(streams(), std::back_inserter(to),
                         [&](const auto&) { return chance(35); });
    if (to.empty()) {
        to.push_back(one_of(streams()));
    }
    Sent sent;
    const bool is_again = !sent_.empty() && chance(40);
    if (is_again) {
        sent = sent_[below(sent_.size())];
    }
    if (is_again && chance(50)) {
        // A duplicate, a conflict, or a second entry where there is no pair.
        sent.hash = chance(80) ? sent.hash : "other";
        const auto flags = chance(30) ? BF_APPEND_REPEATED : 0;
        group.append(sent.note, to, sent.hash, sent.kind, flags);
        return;
    }
    const auto number = std::to_string(++count_);
    sent.kind =
        is_again ? BF_ENTRY_REVISION + static_cast<std::uint32_t>(below(2)) : BF_ENTRY_NOTIFICATION;
    sent.note = is_again ? sent.note : note("n" + number);
    sent.note.revision += is_again ? 1 : 0;
    sent.note.body = std::string(below(200), static_cast<char>('a' + below(26)));
    sent.note.type = chance(50) ? "mail" : "";
    sent.note.created_at = time_;
    sent.note.expires_at = chance(40) ? time_ + static_cast<std::int64_t>(below(100)) : 0;
    sent.note.source = sent.note.event_id = {};
    sent.hash.clear();
    if (chance(50)) {
        sent.note.source = "shop";
        sent.note.event_id = "e" + number;
        sent.hash = "hash" + number;
    }
    group.append(sent.note, to, sent.hash, sent.kind);
    sent_.push_back(sent);
    if (sent_.size() > kRemembered) {
        sent_.erase(sent_.begin());
    }
}

void RandomGroups::add_mark(Group& group, const Model& model) {
    const auto& name = one_of(streams());
    const auto found = model.streams.find(name);
    const auto head = found == model.streams.end() ? 0 : found->second.head;
    bf_op_mark op{};
    op.set = chance(65) ? some_bits(random_()) : 0;
    op.clear = op.set == 0 || chance(10) ? some_bits(random_()) : 0;
    op.time = time_;
    op.limit = chance(30) ? 1 + below(4) : 0;
    if (found != model.streams.end() && chance(30)) {
        op.epoch = chance(70) ? found->second.epoch : found->second.epoch + 1;
    }
    std::vector<std::uint64_t> seqs;
    for (auto count = below(4); count > 0; --count) {
        seqs.push_back(below(head + 3));
    }
    op.up_to = chance(40) ? below(head + 3) : 0;
    group.mark(name, op, seqs);
}

void RandomGroups::add_cursor(Group& group, const Model& model) {
    static const std::vector<std::string> devices{"phone", "tv", "web", "\xc3\xa9", "A"};
    const auto& name = one_of(streams());
    const auto found = model.streams.find(name);
    if (found == model.streams.end()) {
        return;
    }
    bf_op_cursor op{};
    op.delivered = below(found->second.head + 3);
    op.read = chance(50) ? below(op.delivered + 1) : 0;
    op.epoch = chance(20) ? found->second.epoch + below(2) : 0;
    op.time = time_;
    op.keep = chance(40) ? 1 + below(4) : 0;
    group.cursor(name, one_of(devices), op);
}

void RandomGroups::add_document(Group& group, const Model& model) {
    const auto& collection = one_of(collections());
    const auto id = "d" + std::to_string(below(8));
    std::uint64_t version = 0;
    if (const auto found = model.collections.find(collection); found != model.collections.end()) {
        const auto document = found->second.find(id);
        version = document == found->second.end() ? 0 : document->second.version;
    }
    if (chance(20)) {
        version = chance(50) ? BF_VERSION_ANY : below(3);
    }
    if (chance(25)) {
        group.remove(collection, id, version == 0 ? BF_VERSION_ANY : version);
        return;
    }
    std::vector<sdk::Key> keys;
    if (chance(60)) {
        keys.push_back({"mail", "m" + std::to_string(below(6)), true});
    }
    if (chance(60)) {
        keys.push_back({"age", std::to_string(below(4)), false});
    }
    if (chance(10)) {
        keys.push_back({"age", "9", chance(20)});
    }
    group.put(collection, id, version, "document " + std::to_string(time_), keys);
}

void RandomGroups::add_job(Group& group, const Model& model) {
    static const std::vector<std::string> lanes{"", "red", "blue"};
    const auto& name = one_of(queues());
    const auto found = model.queues.find(name);
    if (found == model.queues.end() || found->second.empty() || chance(45)) {
        // Each has a time of its own: the order among equals is nobody's promise.
        group.owe(name, "j" + std::to_string(below(40)), time_ * 10 + 9'000'000, one_of(lanes),
                  "payload " + std::to_string(time_));
        return;
    }
    auto job =
        std::next(found->second.begin(), static_cast<std::ptrdiff_t>(below(found->second.size())))
            ->second.job;
    job.lease += chance(10) ? 1 : 0;
    group.settle(job, static_cast<std::uint32_t>(below(3)), time_ * 10 + 9'000'001,
                 chance(50) ? "it broke" : "");
}

bf_op_trim RandomGroups::trim(std::string& stream) {
    ++time_;
    stream = chance(60) ? one_of(streams()) : "";
    bf_op_trim op{};
    switch (below(3)) {
        case 0: op.keep = 1 + below(30); break;
        case 1:
            op.older_than =
                std::max<std::int64_t>(time_ - static_cast<std::int64_t>(below(400)), 1);
            break;
        default: op.expired_at = time_ - static_cast<std::int64_t>(below(50)); break;
    }
    return op;
}

}  // namespace belfry::conformance
