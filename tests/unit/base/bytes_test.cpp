#include "daemon/base/bytes.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

namespace belfry {
namespace {

TEST(SharedBytes, IsEmptyWithoutABuffer) {
    const SharedBytes none;
    EXPECT_TRUE(none.empty());
    EXPECT_EQ(none.size(), 0U);
    EXPECT_TRUE(none.view().empty());
    const SharedBytes copy = none;
    EXPECT_EQ(copy.get(), nullptr);
    EXPECT_TRUE(SharedBytes::copy("").empty());
    EXPECT_TRUE(SharedBytes::concat({}).empty());
}

TEST(SharedBytes, CopiesParts) {
    std::string first = "one";
    const std::array<ByteView, 4> parts{bytes_of(first), ByteView{}, bytes_of("two"), bytes_of("")};
    const SharedBytes all = SharedBytes::concat(parts);
    first = "xxx";
    EXPECT_EQ(text_of(all.view()), "onetwo");
}

TEST(SharedBytes, SharesOneBuffer) {
    const SharedBytes first = SharedBytes::copy("shared");
    SharedBytes second = first;
    EXPECT_EQ(first.get(), second.get());
    const SharedBytes third = std::move(second);
    EXPECT_EQ(text_of(third.view()), "shared");
    SharedBytes fourth;
    fourth = third;
    fourth = SharedBytes::copy("other");
    EXPECT_EQ(text_of(third.view()), "shared");
    EXPECT_EQ(text_of(fourth.view()), "other");
}

TEST(SharedBytes, PassesReferencesToPluginsAndBack) {
    const std::string text = "plugin";
    bf_buf* made = buf_make({bytes_of(text).data(), text.size()});
    const SharedBytes own = SharedBytes::adopt(made);
    SharedBytes further = SharedBytes::share(made);
    bf_buf* given = further.release();
    EXPECT_TRUE(further.empty());
    buf_ref(given);
    buf_unref(given);
    buf_unref(given);
    EXPECT_EQ(text_of(own.view()), "plugin");
}

TEST(SharedBytes, IsCountedAcrossThreads) {
    auto shared = SharedBytes::copy(std::string(1000, 'b'));
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([copy = shared] {
            for (int round = 0; round < 2000; ++round) {
                SharedBytes one = copy;
                const SharedBytes two = std::move(one);
                ASSERT_EQ(two.view().back(), 'b');
            }
        });
    }
    shared = {};
}

}  // namespace
}  // namespace belfry
