// A copy that is made while others write.
#include "sdk/testkit/conformance/crew.hpp"
#include "sdk/testkit/conformance/kit.hpp"
#include "sdk/testkit/conformance/records.hpp"

#include <atomic>

namespace belfry::conformance {
namespace {

class Backups : public Case {
protected:
    void prepare() {
        fill(store(), "old", 500, [](std::uint64_t number) {
            auto sent = note("n" + std::to_string(number));
            sent.data.assign(4'000, 'x');
            return sent;
        });
        store().commit(Group().put("c", "d", 0, "document").owe("q", "j", 1));
    }
};

TEST_F(Backups, AreMadeWhileOthersWrite) {
    prepare();
    std::atomic<bool> is_done = false;
    const auto path = Kit::get().new_path(".backup");
    Crew writers(2, [&](int number) {
        while (!is_done) {
            store().commit(Group()
                               .append(note("n"), {"a", "b"})
                               .put("c", std::to_string(number), BF_VERSION_ANY, ""));
        }
    });
    const auto outcome = store().backup(path);
    is_done = true;
    writers.wait();
    ASSERT_TRUE(outcome.ok()) << outcome.message;
    if (Kit::get().options().backup_config.empty()) {
        GTEST_SKIP() << "without --backup-config the copy is not opened";
    }
    Store copy(Kit::get().plugin(), Kit::get().backup_config(path), "copy");
    const auto records = dump_all(copy, 1'000);
    EXPECT_EQ(order_fault(records), "");
    EXPECT_EQ(agreement_fault(records), "");
    EXPECT_EQ(reading_fault(records, copy), "");
    EXPECT_EQ(copy.head("a").head, copy.head("b").head);
    EXPECT_LE(copy.head("a").head, store().head("a").head);
    EXPECT_EQ(copy.head("old").head, 500U);
    EXPECT_EQ(copy.append("old", "more"), 501U);
    EXPECT_EQ(store().append("old", "more"), 501U);
}

TEST_F(Backups, OfWhatIsAtRestAreTheSame) {
    prepare();
    const auto path = Kit::get().new_path(".backup");
    const auto outcome = store().backup(path);
    ASSERT_TRUE(outcome.ok()) << outcome.message;
    if (Kit::get().options().backup_config.empty()) {
        GTEST_SKIP() << "without --backup-config the copy is not opened";
    }
    Store copy(Kit::get().plugin(), Kit::get().backup_config(path), "copy");
    EXPECT_EQ(texts_of(dump_all(copy, 1'000)), texts_of(dump_all(store(), 1'000)));
}

TEST_F(Backups, ThatCannotBeMadeFailAlone) {
    prepare();
    const auto outcome = store().backup(Kit::get().new_path("/no/such/folder/copy"));
    EXPECT_FALSE(outcome.ok());
    EXPECT_EQ(store().append("old", "more"), 501U);
    EXPECT_TRUE(store().backup(Kit::get().new_path(".backup")).ok());
}

}  // namespace
}  // namespace belfry::conformance
