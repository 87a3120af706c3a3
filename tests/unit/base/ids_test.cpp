#include "daemon/base/ids.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <set>
#include <thread>
#include <vector>

namespace belfry {
namespace {

class SetClock final : public Clock {
public:
    [[nodiscard]] Nanos now() const override { return time; }
    [[nodiscard]] Nanos monotonic() const override { return time; }
    Nanos time = 1'700'000'000 * kSecond;
};

/// Fills with one byte: 0xff is the worst case for counting up.
class OneByte final : public Random {
public:
    explicit OneByte(std::uint8_t byte) : byte_(byte) {}
    void fill(std::span<std::uint8_t> out) override { std::ranges::fill(out, byte_); }

private:
    std::uint8_t byte_;
};

TEST(Base32, WritesShortestForm) {
    EXPECT_EQ(to_base32(0), "0");
    EXPECT_EQ(to_base32(31), "z");
    EXPECT_EQ(to_base32(32), "10");
    EXPECT_EQ(to_base32(std::numeric_limits<std::uint64_t>::max()), "fzzzzzzzzzzzz");
}

TEST(Base32, ReadsBackWhatItWrites) {
    std::mt19937_64 engine(1);
    for (int shift = 0; shift < 64; ++shift) {
        for (int i = 0; i < 50; ++i) {
            const std::uint64_t number = engine() >> shift;
            EXPECT_EQ(from_base32(to_base32(number)), number);
        }
    }
}

TEST(Base32, RefusesWhatItWouldNotWrite) {
    for (const char* text : {"", "00", "01", "A", "i", "l", "o", "u", "1 ", " 1", "+1", "-1", "1.",
                             "g000000000000", "zzzzzzzzzzzzz", "10000000000000", "\xc3\xa4"}) {
        EXPECT_EQ(from_base32(text), std::nullopt) << text;
    }
    EXPECT_EQ(from_base32(std::string_view("1\0", 2)), std::nullopt);
}

TEST(Hex, WritesEveryByte) { EXPECT_EQ(to_hex(std::string("\x00\x0f\xa0\xff", 4)), "000fa0ff"); }

TEST(IdMaker, HasTheFormOfAUlid) {
    const SetClock clock;
    OneByte zeros(0);
    // 1700000000000 ms, by hand in Crockford's digits.
    EXPECT_EQ(IdMaker(clock, zeros).make(), "01hf7yat00" + std::string(16, '0'));
}

TEST(IdMaker, CountsUpWhileTheClockStandsStill) {
    const SetClock clock;
    OneByte ones(0xff);
    IdMaker ids(clock, ones);
    std::string last = ids.make();
    for (int i = 0; i < 10'000; ++i) {
        std::string id = ids.make();
        ASSERT_EQ(id.size(), 26U);
        ASSERT_GT(id, last);
        last = std::move(id);
    }
}

TEST(IdMaker, CountsUpWhenTheClockGoesBack) {
    SetClock clock;
    IdMaker ids(clock, system_random());
    std::string last = ids.make();
    for (const Nanos step : {-kSecond, 500 * kMillisecond, -3600 * kSecond, 2 * kMillisecond,
                             7200 * kSecond, -1 * kMillisecond}) {
        clock.time += step;
        std::string id = ids.make();
        EXPECT_GT(id, last) << "after a step of " << step;
        last = std::move(id);
    }
}

TEST(IdMaker, SortsByTime) {
    SetClock clock;
    OneByte ones(0xff);
    IdMaker ids(clock, ones);
    const std::string before = ids.make();
    clock.time += kMillisecond;
    EXPECT_GT(ids.make().substr(0, 10), before.substr(0, 10));
}

TEST(IdMaker, IsUniqueAndOrderedAcrossThreads) {
    IdMaker ids(system_clock(), system_random());
    std::vector<std::vector<std::string>> made(4);
    {
        std::vector<std::jthread> threads;
        for (auto& own : made) {
            threads.emplace_back([&ids, &own] {
                for (int i = 0; i < 500; ++i) {
                    own.push_back(ids.make());
                }
            });
        }
    }
    std::set<std::string> all;
    for (const auto& own : made) {
        EXPECT_TRUE(std::ranges::is_sorted(own));
        all.insert(own.begin(), own.end());
    }
    EXPECT_EQ(all.size(), 2000U);
}

}  // namespace
}  // namespace belfry
