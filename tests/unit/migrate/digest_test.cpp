#include "daemon/base/progress.hpp"
#include "daemon/mailbox/half_copied.hpp"
#include "daemon/migrate/storage_digest.hpp"
#include "tests/unit/migrate/records.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace belfry::test {
namespace {

using migrate::Digest;

Digest digest(const std::vector<Record>& records) {
    migrate::Digester digester;
    for (const Record& record : records) {
        digester.add(record);
    }
    return digester.finish();
}

/// The records with the one of this kind changed.
template <class Kind>
std::vector<Record> changed(const std::function<void(Kind&)>& change) {
    auto records = sample_records();
    for (Record& record : records) {
        if (auto* one = std::get_if<Kind>(&record)) {
            change(*one);
        }
    }
    return records;
}

std::vector<Record> renoted(const std::function<void(Notification&)>& change) {
    return changed<BodyRecord>([&](BodyRecord& body) {
        auto note = sample_notification();
        change(*note);
        body.notification = note;
    });
}

TEST(Digest, CountsEachKind) {
    const auto both = digest(sample_records());
    for (const auto& kind : both) {
        EXPECT_EQ(kind.count, 1U);
        EXPECT_EQ(kind.sha256.size(), 32U);
    }
    EXPECT_EQ(both, digest(sample_records()));
}

TEST(Digest, SeesEveryMemberOfANotification) {
    const auto before = digest(sample_records());
    using Change = std::function<void(Notification&)>;
    const std::vector<Change> changes{
        [](auto& n) { ++n.priority; },        [](auto& n) { n.id += '1'; },
        [](auto& n) { n.type += '1'; },       [](auto& n) { n.title += '1'; },
        [](auto& n) { n.body += '1'; },       [](auto& n) { n.data += '1'; },
        [](auto& n) { n.data_type += '1'; },  [](auto& n) { n.collapse_key += '1'; },
        [](auto& n) { ++n.created_at; },      [](auto& n) { ++n.expires_at; },
        [](auto& n) { ++n.revision; },        [](auto& n) { n.source += '1'; },
        [](auto& n) { n.event_id += '1'; },   [](auto& n) { n.trace += '1'; },
        [](auto& n) { n.title.swap(n.body); }};
    for (std::size_t i = 0; i < changes.size(); ++i) {
        EXPECT_NE(digest(renoted(changes[i])), before) << "change " << i;
    }
}

TEST(Digest, SeesEveryMemberOfTheOthers) {
    const auto before = digest(sample_records());
    const std::vector<std::vector<Record>> others{
        changed<BodyRecord>([](auto& r) { r.kind = EntryKind::revision; }),
        changed<BodyRecord>([](auto& r) { r.is_remembered = false; }),
        changed<BodyRecord>([](auto& r) { ++r.ref; }),
        changed<BodyRecord>([](auto& r) { ++r.entries; }),
        changed<BodyRecord>([](auto& r) { r.content_hash += '1'; }),
        changed<StreamRecord>([](auto& r) { r.head.stream += '1'; }),
        changed<StreamRecord>([](auto& r) { ++r.head.epoch; }),
        changed<StreamRecord>([](auto& r) { ++r.head.earliest; }),
        changed<StreamRecord>([](auto& r) { ++r.head.head; }),
        changed<StreamRecord>([](auto& r) { ++r.head.unread; }),
        changed<EntryRecord>([](auto& r) { r.stream += '1'; }),
        changed<EntryRecord>([](auto& r) { ++r.seq; }),
        changed<EntryRecord>([](auto& r) { ++r.ref; }),
        changed<EntryRecord>([](auto& r) { ++r.read_at; }),
        changed<EntryRecord>([](auto& r) { r.kind = EntryKind::retraction; }),
        changed<EntryRecord>([](auto& r) { ++r.state; }),
        changed<CursorRecord>([](auto& r) { r.stream += '1'; }),
        changed<CursorRecord>([](auto& r) { r.cursor.device += '1'; }),
        changed<CursorRecord>([](auto& r) { ++r.cursor.delivered; }),
        changed<CursorRecord>([](auto& r) { ++r.cursor.read; }),
        changed<CursorRecord>([](auto& r) { ++r.cursor.moved_at; }),
        changed<DocumentRecord>([](auto& r) { r.collection += '1'; }),
        changed<DocumentRecord>([](auto& r) { r.document.id += '1'; }),
        changed<DocumentRecord>([](auto& r) { ++r.document.version; }),
        changed<DocumentRecord>([](auto& r) { r.document.document += ' '; }),
        changed<DocumentRecord>([](auto& r) { r.keys[0].index += '1'; }),
        changed<DocumentRecord>([](auto& r) { r.keys[0].value += '1'; }),
        changed<DocumentRecord>([](auto& r) { r.keys[0].unique = false; }),
        changed<DocumentRecord>([](auto& r) { r.keys.clear(); }),
        changed<JobRecord>([](auto& r) { r.job.dead = true; }),
        changed<JobRecord>([](auto& r) { r.job.queue += '1'; }),
        changed<JobRecord>([](auto& r) { r.job.id += '1'; }),
        changed<JobRecord>([](auto& r) { r.job.lane += '1'; }),
        changed<JobRecord>([](auto& r) { ++r.job.due; }),
        changed<JobRecord>([](auto& r) { ++r.job.attempt; }),
        changed<JobRecord>([](auto& r) { ++r.job.lease; }),
        changed<JobRecord>([](auto& r) { r.job.payload += '1'; }),
        changed<JobRecord>([](auto& r) { r.job.reason += '1'; }),
        changed<JobRecord>([](auto& r) { ++r.leased_until; })};
    for (std::size_t i = 0; i < others.size(); ++i) {
        EXPECT_NE(digest(others[i]), before) << "change " << i;
    }
}

TEST(Digest, LeavesOutTheMarkOfTheMigration) {
    auto records = sample_records();
    records.emplace_back(DocumentRecord{
        std::string(kMigrationCollection), {std::string(kMigrationDocument), 1, "{}", {}}, {}});
    EXPECT_EQ(digest(records), digest(sample_records()));
}

TEST(Progress, GroupsDigits) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(1234567), "1,234,567");
}

}  // namespace
}  // namespace belfry::test
