// Thousands of random operations, each state compared with a model.
#include "sdk/testkit/conformance/compare.hpp"
#include "sdk/testkit/conformance/kit.hpp"
#include "sdk/testkit/conformance/random_groups.hpp"

#include <set>

namespace belfry::conformance {
namespace {

class Random : public Case {
protected:
    void step();
    void commit();
    void trim();
    void claim();
    /// Takes over the epochs that the storage gave.
    std::string adopt();
    std::string difference_of_all();

    Model model{[] { return 0; }};
    RandomGroups groups{random()};
    std::map<std::string, std::set<std::uint64_t>> epochs;
    std::set<std::uint64_t> leases;
};

void Random::commit() {
    std::vector<Group> made;
    std::vector<sdk::GroupResult> expected;
    for (auto count = 1 + groups.below(3); count > 0; --count) {
        auto group = groups.make(model);
        auto result = model.apply(group.wire());
        if (model.is_uncertain()) {
            model.undo();
            continue;
        }
        expected.push_back(std::move(result));
        made.push_back(std::move(group));
    }
    std::vector<const Group*> given;
    for (const auto& group : made) {
        given.push_back(&group);
    }
    const auto found = store().commit_all(given);
    for (std::size_t i = 0; i < found.size(); ++i) {
        ASSERT_EQ(difference(expected[i], found[i]), "") << "group " << i + 1;
    }
}

void Random::trim() {
    std::string stream;
    auto bounds = groups.trim(stream);
    bounds.limit = UINT64_MAX;
    const auto expected = model.apply(Group().trim(bounds, stream).wire()).results.at(0).value[0];
    bounds.limit = 1 + groups.below(20);
    std::uint64_t removed = 0;
    for (std::uint64_t more = 1; more != 0;) {
        const auto value = store().commit(Group().trim(bounds, stream)).results.at(0).value;
        ASSERT_LE(value[0], bounds.limit);
        removed += value[0];
        more = value[1];
    }
    ASSERT_EQ(removed, expected) << "trimmed";
}

void Random::claim() {
    const auto& queue = groups.one_of(RandomGroups::queues());
    const auto limit = 1 + groups.below(4);
    const auto now = groups.time() * 10 + 8'999'900;
    const auto until = now + 1 + static_cast<std::int64_t>(groups.below(600));
    const auto expected = model.claimable(queue, now, limit);
    const auto found = store().claim(queue, now, until, limit).jobs;
    ASSERT_EQ(found.size(), expected.size()) << "claimed from " << queue;
    for (std::size_t i = 0; i < found.size(); ++i) {
        ASSERT_EQ(found[i].id, expected[i].id);
        ASSERT_EQ(found[i].attempt, expected[i].attempt);
        ASSERT_EQ(found[i].payload, expected[i].payload);
        ASSERT_TRUE(found[i].lease != 0 && leases.insert(found[i].lease).second) << "lease";
        model.lease(found[i], until);
    }
}

std::string Random::adopt() {
    for (auto& [name, stream] : model.streams) {
        if (stream.epoch == 0) {
            stream.epoch = store().head(name).epoch;
            if (stream.epoch == 0 || !epochs[name].insert(stream.epoch).second) {
                return "epoch " + std::to_string(stream.epoch) + " of " + name + " is not new";
            }
        }
    }
    return {};
}

std::string Random::difference_of_all() {
    if (auto one = adopt(); !one.empty()) {
        return one;
    }
    for (const auto& name : RandomGroups::streams()) {
        const auto stream = model.streams.find(name);
        if (stream == model.streams.end()) {
            if (store().head(name).exists) {
                return name + " is there";
            }
        } else if (auto one = stream_difference(stream->second, name, store()); !one.empty()) {
            return one;
        }
    }
    for (const auto& name : RandomGroups::collections()) {
        if (auto one = collection_difference(model, name, RandomGroups::indexes(), store());
            !one.empty()) {
            return one;
        }
    }
    for (const auto& name : RandomGroups::queues()) {
        if (auto one = queue_difference(model, name, store()); !one.empty()) {
            return one;
        }
    }
    return {};
}

void Random::step() {
    const auto kind = groups.below(100);
    if (kind < 84) {
        commit();
    } else if (kind < 90) {
        trim();
    } else {
        claim();
    }
}

TEST_F(Random, OperationsDoWhatTheModelDoes) {
    constexpr std::uint64_t kBetweenRestarts = 400;
    const auto steps = Kit::get().options().ops;
    for (std::uint64_t number = 1; number <= steps; ++number) {
        ASSERT_NO_FATAL_FAILURE(step()) << "step " << number;
        ASSERT_EQ(difference_of_all(), "") << "after step " << number;
        if (number % kBetweenRestarts == 0) {
            restart();
            ASSERT_EQ(difference_of_all(), "") << "after a restart behind step " << number;
        }
    }
}

}  // namespace
}  // namespace belfry::conformance
