// Where each device is.
#include "sdk/testkit/conformance/kit.hpp"

namespace belfry::conformance {
namespace {

class Cursors : public Case {
protected:
    void SetUp() override {
        Case::SetUp();
        fill(store(), "s", 20);
    }
    void move(const std::string& device, bf_op_cursor op) {
        ASSERT_EQ(store().commit(Group().cursor("s", device, op)).status, Status::ok);
    }
    /// "device delivered/read@time " for each.
    std::string all(const std::string& stream = "s") {
        std::string text;
        for (const auto& one : store().cursors(stream).cursors) {
            text += one.device + " " + std::to_string(one.delivered) + "/" +
                    std::to_string(one.read) + "@" + std::to_string(one.moved_at) + " ";
        }
        return text;
    }
};

bf_op_cursor to(std::uint64_t delivered, std::uint64_t read, std::int64_t time,
                std::uint64_t keep = 0) {
    bf_op_cursor op{};
    op.delivered = delivered;
    op.read = read;
    op.time = time;
    op.keep = keep;
    return op;
}

TEST_F(Cursors, OnlyMoveForward) {
    move("phone", to(5, 3, 10));
    EXPECT_EQ(all(), "phone 5/3@10 ");
    move("phone", to(2, 4, 20));
    EXPECT_EQ(all(), "phone 5/4@20 ");
    move("phone", to(7, 1, 30));
    EXPECT_EQ(all(), "phone 7/4@30 ");
    move("phone", to(0, 9, 40));
    EXPECT_EQ(all(), "phone 7/9@40 ");
    restart();
    EXPECT_EQ(all(), "phone 7/9@40 ");
}

TEST_F(Cursors, ThatDoNotMoveStayAsTheyAre) {
    move("phone", to(5, 3, 10));
    move("phone", to(5, 3, 20));
    move("phone", to(4, 0, 30));
    EXPECT_EQ(all(), "phone 5/3@10 ");
}

TEST_F(Cursors, AreOneForEachDeviceInTheOrderOfNames) {
    move("b", to(1, 0, 1));
    move("B", to(2, 0, 2));
    move("\xc3\xa9", to(3, 0, 3));
    move("a", to(4, 0, 4));
    EXPECT_EQ(all(), "B 2/0@2 a 4/0@4 b 1/0@1 \xc3\xa9 3/0@3 ");
    fill(store(), "other", 1);
    EXPECT_EQ(all("other"), "");
}

TEST_F(Cursors, CanBeAskedForOneDevice) {
    move("phone", to(5, 3, 10));
    move("tv", to(1, 1, 20));
    const auto found = store().cursor("s", "tv").cursors;
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].device, "tv");
    EXPECT_EQ(found[0].delivered, 1U);
    EXPECT_EQ(found[0].read, 1U);
    EXPECT_EQ(found[0].moved_at, 20);
    EXPECT_TRUE(store().cursor("s", "TV").cursors.empty());
    EXPECT_TRUE(store().cursor("s", "").cursors.empty());
    EXPECT_TRUE(store().cursor("nobody", "tv").cursors.empty());
}

TEST_F(Cursors, OfAnotherEpochDoNotMove) {
    auto op = to(5, 5, 10);
    op.epoch = store().head("s").epoch + 1;
    move("phone", op);
    EXPECT_EQ(all(), "");
    op.epoch = store().head("s").epoch;
    move("phone", op);
    EXPECT_EQ(all(), "phone 5/5@10 ");
    op = to(9, 9, 20);
    op.epoch = store().head("s").epoch + 1;
    move("phone", op);
    EXPECT_EQ(all(), "phone 5/5@10 ");
}

TEST_F(Cursors, AreGoneAfterAReset) {
    move("phone", to(5, 5, 10));
    store().commit(Group().reset("s"));
    EXPECT_EQ(all(), "");
    EXPECT_TRUE(store().cursor("s", "phone").cursors.empty());
    fill(store(), "s", 3);
    move("phone", to(1, 0, 20));
    EXPECT_EQ(all(), "phone 1/0@20 ");
}

TEST_F(Cursors, OfNewDevicesDropThoseMovedLongestAgo) {
    move("a", to(1, 1, 10));
    move("b", to(1, 1, 20));
    move("c", to(1, 1, 30));
    move("a", to(2, 2, 40));  // b is the oldest now
    move("d", to(1, 1, 50, 3));
    EXPECT_EQ(all(), "a 2/2@40 c 1/1@30 d 1/1@50 ");
    move("e", to(1, 1, 60, 1));
    EXPECT_EQ(all(), "e 1/1@60 ");
}

TEST_F(Cursors, OfKnownDevicesDropNothing) {
    move("a", to(1, 1, 10));
    move("b", to(1, 1, 20));
    move("c", to(1, 1, 30));
    move("a", to(2, 2, 40, 1));
    EXPECT_EQ(all(), "a 2/2@40 b 1/1@20 c 1/1@30 ");
    move("b", to(1, 1, 50, 1));
    move("d", to(1, 1, 60, 5));
    EXPECT_EQ(all(), "a 2/2@40 b 1/1@20 c 1/1@30 d 1/1@60 ");
}

TEST_F(Cursors, DropNoOtherStreams) {
    fill(store(), "t", 1);
    store().commit(Group().cursor("t", "x", to(1, 1, 1)).cursor("t", "y", to(1, 1, 2)));
    move("a", to(1, 1, 10));
    move("b", to(1, 1, 20, 1));
    EXPECT_EQ(all(), "b 1/1@20 ");
    EXPECT_EQ(all("t"), "x 1/1@1 y 1/1@2 ");
}

TEST_F(Cursors, TakeTheLargestNumbers) {
    move("phone", to(INT64_MAX, INT64_MAX, INT64_MAX));
    EXPECT_EQ(store().cursor("s", "phone").cursors.at(0).delivered,
              static_cast<std::uint64_t>(INT64_MAX));
    move("phone", to(1, 1, 1));
    EXPECT_EQ(store().cursor("s", "phone").cursors.at(0).read,
              static_cast<std::uint64_t>(INT64_MAX));
}

}  // namespace
}  // namespace belfry::conformance
