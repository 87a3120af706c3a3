#include "tests/bench/benches.hpp"
#include "tests/bench/fan_out.hpp"
#include "tests/bench/floor.hpp"
#include "tests/bench/stamped.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <sstream>

namespace belfry::bench {
namespace {

Figure figure(Reference reference) {
    return {"fanout", "delivered", 1500, "1/s", std::move(reference), "a \"quiet\" machine"};
}

TEST(Figure, JsonHasARatioToItsReference) {
    const Figures figures{figure({"floor", 2000})};
    EXPECT_EQ(
        to_json(figures),
        "[\n {\"bench\":\"fanout\",\"figure\":\"delivered\",\"value\":1500.0000,\"unit\":\"1/s\","
        "\"reference\":\"floor\",\"reference_value\":2000.0000,\"ratio\":0.7500,"
        "\"conditions\":\"a \\\"quiet\\\" machine\"}\n]\n");
}

TEST(Figure, JsonSaysNullWithoutAReference) {
    const Figures figures{figure({})};
    EXPECT_NE(to_json(figures).find(R"("reference":null,"reference_value":null,"ratio":null)"),
              std::string::npos);
}

TEST(Figure, TableHasAlignedColumns) {
    const Figures figures{figure({"floor", 2000}), figure({})};
    std::ostringstream out;
    print_table(out, figures);
    EXPECT_EQ(out.str(),
              "bench   figure     value  unit  reference   ratio  conditions\n"
              "fanout  delivered   1500  1/s   floor 2000   0.75  a \"quiet\" machine\n"
              "fanout  delivered   1500  1/s   -               -  a \"quiet\" machine\n");
}

TEST(Figure, UnwritableFileIsNamed) {
    const auto written = write_json("/nowhere/figures.json", {});
    ASSERT_FALSE(written);
    EXPECT_NE(written.error().message.find("/nowhere/figures.json"), std::string::npos);
}

TEST(Samples, QuantileIsTheSmallestThatEnoughDoNotExceed) {
    Samples samples;
    for (int i = 100; i > 0; --i) {
        samples.add(i * kMillisecond);
    }
    EXPECT_DOUBLE_EQ(samples.milliseconds(0.5), 50);
    EXPECT_DOUBLE_EQ(samples.milliseconds(0.99), 99);
    EXPECT_DOUBLE_EQ(samples.milliseconds(1), 100);
    EXPECT_DOUBLE_EQ(Samples().milliseconds(0.5), 0);
}

TEST(Samples, MedianOfAnEvenNumberIsBetween) {
    EXPECT_DOUBLE_EQ(median({3, 1, 2}), 2);
    EXPECT_DOUBLE_EQ(median({4, 1, 3, 2}), 2.5);
    EXPECT_DOUBLE_EQ(median({}), 0);
}

TEST(WebSocket, FramesOfEverySizeAreFound) {
    for (const std::size_t size : {0, 1, 125, 126, 65535}) {
        const std::string payload(size, 'p');
        const std::string bytes = server_frame(payload) + "more";
        for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, bytes.size() - 5}) {
            EXPECT_FALSE(first_frame(bytes.substr(0, cut))) << size << " cut at " << cut;
        }
        const auto frame = first_frame(bytes);
        ASSERT_TRUE(frame) << size;
        EXPECT_TRUE(frame->is_whole(Opcode::text));
        EXPECT_EQ(frame->payload, payload);
        EXPECT_EQ(frame->size + 4, bytes.size());
    }
}

TEST(WebSocket, SixtyFourBitLengthIsFound) {
    const std::string header{'\x81', '\x7f', 0, 0, 0, 0, 0, 1, 0, 0};
    const auto frame = first_frame(header + std::string(65536, 'p'));
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->payload.size(), 65536U);
    EXPECT_FALSE(first_frame(std::string{'\x81', '\x7f'} + std::string(8, '\xff') + 'p'));
}

TEST(WebSocket, AnswersTheHandshakeOfTheStandard) {
    EXPECT_NE(handshake_response("dGhlIHNhbXBsZSBub25jZQ==").find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
              std::string::npos);
}

TEST(Stamped, EveryStampIsRenewed) {
    Stamped text(stampable_body() + stampable_body());
    EXPECT_EQ(find_stamp(text.at(1234567890)), 1234567890);
    const std::string again = text.at(42);
    EXPECT_EQ(again.size(), 2 * kBodyBytes);
    EXPECT_EQ(find_stamp(again), 42);
    EXPECT_EQ(find_stamp(again.substr(kBodyBytes)), 42);
    EXPECT_FALSE(find_stamp("nothing"));
}

TEST(Publisher, ResponsesAreToldApart) {
    const std::string_view created =
        "HTTP/1.1 201 Created\r\nDate: now\r\ncontent-Length: 2\r\n\r\n{}";
    const std::string two = std::string(created) + "HTTP/1.1 503 ";
    EXPECT_EQ(first_response(two).status, 201U);
    EXPECT_EQ(first_response(two).size, created.size());
    EXPECT_EQ(first_response(two.substr(0, created.size() - 1)).size, 0U);
    EXPECT_EQ(first_response(two.substr(created.size())).size, 0U);
}

TEST(Benches, EachNameIsThereOnce) {
    for (const Bench& bench : all_benches()) {
        EXPECT_EQ(std::ranges::count(all_benches(), bench.name, &Bench::name), 1) << bench.name;
    }
}

class WithFloor : public testing::Test {
protected:
    void SetUp() override {
        const auto machine = find_machine();
        ASSERT_TRUE(machine);
        auto floor = Floor::start(*machine);
        ASSERT_TRUE(floor) << floor.error().message;
        floor_.emplace(std::move(*floor));
    }

    Poller poller_;
    std::optional<Floor> floor_;
};

TEST_F(WithFloor, EveryClientGetsEveryBatch) {
    FanOut fan_out(poller_, {.port = floor_->port(), .path = "/"},
                   post_request("/", {}, stampable_body()));
    ASSERT_TRUE(fan_out.attach(20));
    for (const std::size_t batch : {1, 8, 32}) {
        const auto round = fan_out.run(batch, 50 * kMillisecond);
        ASSERT_TRUE(round) << round.error().message;
        EXPECT_GT(round->per_second, 0);
        EXPECT_GT(round->p99, 0);
        EXPECT_EQ(round->frame_bytes, kBodyBytes + 4);
    }
    EXPECT_TRUE(floor_->stop());
}

TEST_F(WithFloor, AServerThatEndsIsAnError) {
    FanOut fan_out(poller_, {.port = floor_->port(), .path = "/"},
                   post_request("/", {}, stampable_body()));
    ASSERT_TRUE(fan_out.attach(3));
    ASSERT_TRUE(floor_->stop());
    const auto round = fan_out.run(1, kSecond);
    ASSERT_FALSE(round);
    EXPECT_EQ(round.error().code, Code::closed) << round.error().message;
}

TEST(Child, AProgramThatIsNotThereIsNamed) {
    const auto child = Child::start({"/nowhere/belfryd"}, 0, {});
    ASSERT_FALSE(child);
    EXPECT_NE(child.error().message.find("/nowhere/belfryd"), std::string::npos);
}

TEST(Poller, WhatTakesTooLongIsNamed) {
    Poller poller;
    const auto done = poller.run_until([] { return false; }, kMillisecond, "waiting for nothing");
    ASSERT_FALSE(done);
    EXPECT_NE(done.error().message.find("waiting for nothing"), std::string::npos);
}

}  // namespace
}  // namespace belfry::bench
