// Bytes of the file change by themselves: it is seen, or it does no harm.
#include "tests/power_loss/workload.hpp"
#include "tests/unit/storage_sqlite/store.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>

namespace belfry::power_loss {
namespace {

using conformance::Store;
using storage_test::Folder;

constexpr std::uint64_t kDamagedGroups = 120;

std::uint64_t damages_asked_for() {
    const char* text = std::getenv("BELFRY_DAMAGES");  // NOLINT(concurrency-mt-unsafe)
    return text == nullptr ? 150 : std::strtoul(text, nullptr, 10);
}

std::string read_file(const std::string& path) {
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    return bytes.str();
}

std::string text_of(const sdk::Notification& note) {
    std::ostringstream text;
    text << note.id << '|' << note.revision << '|' << note.type << '|' << note.title << '|'
         << note.body << '|' << note.data << '|' << note.data_type << '|' << note.priority << '|'
         << note.collapse_key << '|' << note.created_at << '|' << note.expires_at << '|'
         << note.source << '|' << note.event_id << '|' << note.trace;
    return text.str();
}

class Damage : public testing::Test {
protected:
    Damage() {
        Store store(loaded.plugin, storage_test::config(folder.file("b.db"), kSmall));
        workload.run(store, [](std::uint64_t) {});
        for (const auto& head : store.streams("", 10'000)) {
            for (const auto& entry : store.read(head.stream).entries) {
                sound[{head.stream, entry.seq}] = text_of(*entry.notification);
            }
        }
        store.instance.stop();
        bytes = read_file(folder.file("b.db"));
    }

    /// Starts, reads all there is and writes a little -> whether the damage was seen.
    bool is_seen(const std::string& path) {
        bool seen = false;
        try {
            Store store(loaded.plugin, storage_test::config(path, kSmall));
            for (const auto& stream : streams) {
                seen = read(store, stream) || seen;
            }
            for (int i = 0; i < 3; ++i) {
                const auto made = conformance::note("new");
                conformance::Group group;
                group.append(made, {"user:1", "topic:1"});
                seen = !store.begin_commit({&group}).wait().ok() || seen;
            }
            (void)store.instance.try_stop();
        } catch (const testkit::Failed&) {
            return true;  // it does not start
        }
        return seen;
    }

    /// Whatever is given must be what was written there.
    bool read(Store& store, const std::string& stream) {
        try {
            for (const auto& entry : store.read(stream).entries) {
                const auto found = sound.find({stream, entry.seq});
                if (found == sound.end() || found->second != text_of(*entry.notification)) {
                    ADD_FAILURE() << stream << " " << entry.seq << ": another notification";
                }
            }
            return false;
        } catch (const testkit::Failed&) {
            return true;
        }
    }

    Folder folder;
    storage_test::Loaded loaded;
    const Workload workload{kDamagedGroups};
    const std::set<std::string> streams{"log",     "user:0",  "user:1", "user:2", "user:3",
                                        "user:4",  "user:5",  "user:6", "fan:0",  "fan:1",
                                        "topic:0", "topic:1", "topic:2"};
    std::map<std::pair<std::string, std::uint64_t>, std::string> sound;
    std::string bytes;
};

TEST_F(Damage, IsSeenOrDoesNoHarm) {
    std::mt19937_64 random(7);
    std::uint64_t seen = 0;
    const auto damages = damages_asked_for();
    for (std::uint64_t i = 0; i < damages && !HasFailure(); ++i) {
        auto damaged = bytes;
        const auto at = random() % damaged.size();
        damaged[at] = static_cast<char>(damaged[at] ^ (1U << random() % 8));
        SCOPED_TRACE("byte " + std::to_string(at));
        const Folder place;
        std::ofstream(place.file("b.db"), std::ios::binary) << damaged;
        seen += is_seen(place.file("b.db")) ? 1 : 0;
    }
    EXPECT_GT(seen, damages / 20);
}

TEST_F(Damage, OfABodyIsReported) {
    auto damaged = bytes;
    const auto at = damaged.find("title 117");
    ASSERT_NE(at, std::string::npos);
    damaged[at] = 'T';
    const Folder place;
    std::ofstream(place.file("b.db"), std::ios::binary) << damaged;
    Store store(loaded.plugin, storage_test::config(place.file("b.db"), kSmall));
    EXPECT_TRUE(read(store, "log"));
    EXPECT_FALSE(read(store, "user:0"));
    const auto health = loaded.host.health("store");
    EXPECT_EQ(health.state, sdk::Health::degraded);
    EXPECT_THAT(health.reason, testing::HasSubstr("entry 117 of stream \"log\" is damaged"));
    EXPECT_EQ(loaded.host.logged("storage is damaged"), 1U);
}

}  // namespace
}  // namespace belfry::power_loss
