#include "daemon/base/digest.hpp"

#include "daemon/base/ids.hpp"

#include <gtest/gtest.h>

namespace belfry {
namespace {

std::string sized(std::initializer_list<std::string_view> pieces) {
    Sha256 hash;
    for (const std::string_view piece : pieces) {
        hash.add_sized(piece);
    }
    return hash.finish();
}

TEST(Sha256, HoldsTheStandardsVectors) {
    Sha256 empty;
    EXPECT_EQ(to_hex(empty.finish()),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    Sha256 abc;
    abc.add("a");
    abc.add("bc");
    EXPECT_EQ(to_hex(abc.finish()),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, SizedPiecesDoNotRunIntoEachOther) {
    EXPECT_EQ(sized({"ab", "c"}), sized({"ab", "c"}));
    EXPECT_NE(sized({"ab", "c"}), sized({"a", "bc"}));
    EXPECT_NE(sized({"a"}), sized({"a", ""}));
    EXPECT_NE(sized({"", "a"}), sized({"a", ""}));
}

}  // namespace
}  // namespace belfry
