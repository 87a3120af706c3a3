#include "daemon/migrate/storage_copy.hpp"

#include "daemon/mailbox/half_copied.hpp"
#include "daemon/migrate/storage_digest.hpp"
#include "daemon/net/core_thread.hpp"
#include "tests/unit/migrate/shelf.hpp"

#include <gtest/gtest.h>

namespace belfry::test {
namespace {

using migrate::Position;

class StorageCopy : public testing::Test {
protected:
    Result<> copy(Position position = {}) {
        return migrate::copy(from_, to_, core_.loop(), std::move(position),
                             [&](std::uint64_t done) { seen_.push_back(done); });
    }
    Result<Position> position() { return migrate::find_position(to_, core_.loop()); }

    net::CoreThread core_;
    Shelf from_{sample_records()};
    Shelf to_;
    std::vector<std::uint64_t> seen_;
};

TEST_F(StorageCopy, BringsEverythingInOrder) {
    from_.at_once = 2;
    ASSERT_TRUE(copy());
    EXPECT_EQ(to_.loads, 3U);
    EXPECT_EQ(seen_, (std::vector<std::uint64_t>{2, 4, 6}));
    const auto ignore = [](std::uint64_t) {};
    EXPECT_EQ(*migrate::digest_of(to_, core_.loop(), ignore),
              *migrate::digest_of(from_, core_.loop(), ignore));
    EXPECT_TRUE(position()->is_whole);
}

TEST_F(StorageCopy, GoesOnWhereItWasInterrupted) {
    from_.at_once = 2;
    to_.fails_after = 1;
    const auto failed = copy();
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().message, "writing: no room");
    to_.fails_after.reset();
    const auto reached = position();
    ASSERT_TRUE(reached);
    EXPECT_EQ(reached->records, 2U);
    EXPECT_FALSE(reached->is_whole);
    ASSERT_TRUE(copy(*reached));
    const auto ignore = [](std::uint64_t) {};
    EXPECT_EQ(*migrate::digest_of(to_, core_.loop(), ignore),
              *migrate::digest_of(from_, core_.loop(), ignore));
}

TEST_F(StorageCopy, NamesTheSideThatFails) {
    from_.dump_error = Error{Code::unavailable, "no disk"};
    EXPECT_EQ(copy().error().message, "reading: no disk");
}

TEST_F(StorageCopy, TakesOnlyAnEmptyTarget) {
    EXPECT_EQ(position()->records, 0U);
    Shelf full{sample_records()};
    const auto refused = migrate::find_position(full, core_.loop());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::refused);
}

TEST_F(StorageCopy, MarksTheTargetUntilItIsReleased) {
    const auto check = [&] {
        return wait_for([&](auto done) { refuse_half_copied(to_, core_.loop(), std::move(done)); },
                        kSecond);
    };
    EXPECT_TRUE(check());
    ASSERT_TRUE(copy());
    EXPECT_EQ(check().error().code, Code::refused);
    ASSERT_TRUE(migrate::release(to_, core_.loop()));
    EXPECT_TRUE(check());
}

TEST(Position, IsReadAsPrinted) {
    const auto read = migrate::parse_position(migrate::print({"e:user:ä", 1234567, true}));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->after, "e:user:ä");
    EXPECT_EQ(read->records, 1234567U);
    EXPECT_TRUE(read->is_whole);
    for (const char* text : {"", "{", "[]", "{}", R"({"after":1,"records":1,"is_whole":true})",
                             R"({"after":"","records":"1","is_whole":true})",
                             R"({"after":"","records":1,"is_whole":1})"}) {
        EXPECT_FALSE(migrate::parse_position(text)) << text;
    }
}

}  // namespace
}  // namespace belfry::test
