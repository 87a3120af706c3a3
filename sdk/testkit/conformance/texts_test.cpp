// What text may be, in every place where it is stored.
#include "sdk/testkit/conformance/kit.hpp"
#include "sdk/testkit/conformance/places.hpp"

namespace belfry::conformance {
namespace {

class Texts : public Case, public testing::WithParamInterface<Place> {
protected:
    /// Stores it between two groups that must not notice -> how its own group went.
    sdk::GroupResult write(const std::string& text) {
        auto group = GetParam().write(text);
        group.put("markers", "here", BF_VERSION_NONE, "");
        Group before;
        before.put("neighbours", "before", BF_VERSION_ANY, "");
        Group after;
        after.put("neighbours", "after", BF_VERSION_ANY, "");
        auto results = store().commit_all({&before, &group, &after});
        EXPECT_EQ(results[0].status, Status::ok);
        EXPECT_EQ(results[2].status, Status::ok);
        return std::move(results[1]);
    }
    bool is_stored() { return store().get("markers", "here").ok(); }
    /// Kept as it is, or refused and not there at all.
    void expect_kept_or_invalid(const std::string& text) {
        const auto result = write(text);
        if (result.status == Status::ok) {
            EXPECT_EQ(GetParam().read(store(), text), text);
            return;
        }
        EXPECT_EQ(result.status, Status::invalid) << result.message;
        EXPECT_FALSE(is_stored());
        EXPECT_EQ(GetParam().read(store(), "s"), "");
    }
};

TEST_P(Texts, AreKeptToTheByte) {
    const std::string text =
        "A b\t\r\n'\"\\%_$1?:;--/*\x01\x7f \xc3\xa9 e\xcc\x81 \xe2\x82\xac "
        "\xf0\x9f\x94\x94\xf4\x8f\xbf\xbf ";
    const auto result = write(text);
    ASSERT_EQ(result.status, Status::ok) << result.message;
    EXPECT_EQ(GetParam().read(store(), text), text);
}

TEST_P(Texts, AreKeptWhenTheyAreLong) {
    const std::string text = std::string(kLongestName - 4, 'x') + "\xf0\x9f\x94\x94";
    const auto result = write(text);
    ASSERT_EQ(result.status, Status::ok) << result.message;
    EXPECT_EQ(GetParam().read(store(), text), text);
}

TEST_P(Texts, WithNulAreInvalid) {
    for (const auto& text : {std::string("a\0b", 3), std::string("\0", 1), std::string("a\0", 2)}) {
        const auto result = write(text);
        EXPECT_EQ(result.status, Status::invalid);
        EXPECT_FALSE(is_stored());
    }
    EXPECT_EQ(GetParam().read(store(), "a"), "");
}

TEST_P(Texts, ThatAreNoUtf8AreKeptOrInvalid) { expect_kept_or_invalid("a\xff\xfe\xc3"); }

class LongTexts : public Texts {};

TEST_P(LongTexts, OfAThousandBytesAreKeptOrInvalid) {
    expect_kept_or_invalid(std::string(1'025, 'x'));
}

TEST_P(LongTexts, OfAPageAreKeptOrInvalid) { expect_kept_or_invalid(std::string(9'000, 'x')); }

TEST_P(LongTexts, OfAMegabyteAreKeptOrInvalid) {
    expect_kept_or_invalid(std::string(1U << 20U, 'x'));
}

const auto kName = [](const auto& place) { return place.param.name; };

INSTANTIATE_TEST_SUITE_P(In, Texts, testing::ValuesIn(places()), kName);
INSTANTIATE_TEST_SUITE_P(In, LongTexts, testing::ValuesIn(places()), kName);

using Names = Case;

TEST_F(Names, MayAllBeLongTogether) {
    const auto name = [](char letter) { return std::string(kLongestName, letter); };
    Group group;
    auto sent = note_of(name('n'), name('s'), name('e'));
    sent.type = name('t');
    group.append(sent, {name('1'), name('2')}, name('h'))
        .cursor(name('1'), name('d'), 1, 1)
        .put(name('c'), name('i'), BF_VERSION_NONE, "document",
             {{name('x'), name('v'), true}, {name('y'), name('w'), false}})
        .owe(name('q'), name('j'), 1, name('l'));
    const auto result = store().commit(group);
    ASSERT_EQ(result.status, Status::ok) << result.message;
    EXPECT_EQ(store().get(name('c'), name('i')).value.document, "document");
    EXPECT_EQ(store().claim(name('q'), 1, 2, 1).jobs.size(), 1U);
    EXPECT_EQ(store().read(name('2')).entries.size(), 1U);
    EXPECT_EQ(store().cursor(name('1'), name('d')).cursors.size(), 1U);
}

TEST_F(Names, MustNotBeEmpty) {
    EXPECT_EQ(store().commit(Group().append(note("a"), {"x", ""})).status, Status::invalid);
    EXPECT_EQ(store().commit(Group().append(note(""), {"x"})).status, Status::invalid);
    EXPECT_EQ(store().commit(Group().put("", "id", 0, "")).status, Status::invalid);
    EXPECT_EQ(store().commit(Group().put("c", "", 0, "")).status, Status::invalid);
    EXPECT_EQ(store().commit(Group().put("c", "i", 0, "", {{"", "v", false}})).status,
              Status::invalid);
    EXPECT_EQ(store().commit(Group().owe("", "id", 0)).status, Status::invalid);
    EXPECT_EQ(store().commit(Group().owe("q", "", 0)).status, Status::invalid);
    EXPECT_EQ(store().commit(Group().reset("")).status, Status::invalid);
    EXPECT_EQ(store().commit(Group().mark("", BF_STATE_READ, 0, {1})).status, Status::invalid);
    store().append("x", "n");
    EXPECT_EQ(store().commit(Group().cursor("x", "", 1, 1)).status, Status::invalid);
    EXPECT_EQ(store().streams("", 10).size(), 1U);
}

TEST_F(Names, OfNothingThatIsThereAreJustNotThere) {
    store().append("s", "n");
    for (const auto& name :
         {std::string("a\0b", 3), std::string("\xff\xfe"), std::string(70'000, 'x')}) {
        const Call<sdk::Heads> heads(store().instance, "heads");
        const bf_str asked = sdk::str(name);
        store().table.heads(store().instance.handle(), &asked, 1, heads.done());
        const auto outcome = heads.wait();
        EXPECT_TRUE(outcome.status == Status::invalid ||
                    (outcome.ok() && !outcome.value.heads.at(0).exists));
        const auto document = store().get(name, name).status;
        EXPECT_TRUE(document == Status::invalid || document == Status::not_found);
    }
    EXPECT_EQ(store().head("s").head, 1U);
}

}  // namespace
}  // namespace belfry::conformance
