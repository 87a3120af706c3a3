#include "daemon/plugin/elf.hpp"

#include "tests/unit/plugin/support.hpp"

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <random>

namespace belfry::plugin::test {
namespace {

using testing::HasSubstr;

class ElfCheck : public testing::Test {
protected:
    std::string reason(const std::string& content) {
        const int file = open(directory_.path("x").c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
        EXPECT_EQ(write(file, content.data(), content.size()),
                  static_cast<ssize_t>(content.size()));
        const auto checked = check_elf(file, "belfry_plugin_v1");
        close(file);
        return checked ? "" : checked.error().message;
    }
    /// The good plugin with its header changed.
    template <class Change>
    std::string with_header(Change change) {
        std::string content = good_;
        Elf64_Ehdr header{};
        std::memcpy(&header, content.data(), sizeof header);
        change(header);
        std::memcpy(content.data(), &header, sizeof header);
        return content;
    }

    TempDirectory directory_;
    const std::string good_ = read_file(plugin_path("good"));
};

TEST_F(ElfCheck, AcceptsAPlugin) { EXPECT_EQ(reason(good_), ""); }

TEST_F(ElfCheck, RefusesOtherFiles) {
    EXPECT_THAT(reason("#!/bin/sh\necho hello\n"), HasSubstr("not an ELF file"));
    EXPECT_THAT(reason(std::string(5000, '\0')), HasSubstr("not an ELF file"));
    EXPECT_THAT(reason("\x7f"), HasSubstr("not an ELF file"));
    EXPECT_THAT(reason("\x7f"
                       "ELF"),
                HasSubstr("truncated"));
}

TEST_F(ElfCheck, RefusesOtherMachines) {
    EXPECT_THAT(
        reason(with_header([](Elf64_Ehdr& header) { header.e_ident[EI_CLASS] = ELFCLASS32; })),
        HasSubstr("another word size"));
    EXPECT_THAT(reason(with_header([](Elf64_Ehdr& header) { header.e_machine = EM_S390; })),
                HasSubstr("another machine"));
    EXPECT_THAT(reason(with_header([](Elf64_Ehdr& header) { header.e_ident[EI_DATA] = 77; })),
                HasSubstr("another machine"));
    EXPECT_THAT(reason(with_header([](Elf64_Ehdr& header) { header.e_type = ET_REL; })),
                HasSubstr("not a shared object"));
}

TEST_F(ElfCheck, RefusesHeadersThatPointNowhere) {
    EXPECT_THAT(reason(with_header([](Elf64_Ehdr& header) { header.e_phnum = 0; })),
                HasSubstr("no program headers"));
    EXPECT_THAT(reason(with_header([](Elf64_Ehdr& header) { header.e_phoff = UINT64_MAX - 8; })),
                HasSubstr("truncated"));
    EXPECT_THAT(reason(with_header([](Elf64_Ehdr& header) { header.e_shoff = UINT64_MAX - 8; })),
                HasSubstr("truncated"));
    EXPECT_THAT(reason(with_header([](Elf64_Ehdr& header) { header.e_shentsize = 1; })),
                HasSubstr("unknown size"));
}

TEST_F(ElfCheck, RefusesAnExecutableStack) {
    std::string content = good_;
    Elf64_Ehdr header{};
    std::memcpy(&header, content.data(), sizeof header);
    for (std::size_t index = 0; index < header.e_phnum; ++index) {
        char* at = content.data() + header.e_phoff + index * sizeof(Elf64_Phdr);
        Elf64_Phdr segment{};
        std::memcpy(&segment, at, sizeof segment);
        if (segment.p_type == PT_GNU_STACK) {
            segment.p_flags |= PF_X;
            std::memcpy(at, &segment, sizeof segment);
        }
    }
    EXPECT_THAT(reason(content), HasSubstr("executable stack"));
}

TEST_F(ElfCheck, RefusesALibraryWithoutTheEntry) {
    EXPECT_THAT(reason(read_file(plugin_path("no-symbol"))),
                HasSubstr("does not export belfry_plugin_v1"));
}

TEST_F(ElfCheck, RefusesEveryTruncation) {
    for (std::size_t length = 0; length < good_.size(); length += 64) {
        EXPECT_NE(reason(good_.substr(0, length)), "") << "at " << length;
    }
    EXPECT_NE(reason(good_.substr(0, good_.size() - 1)), "");
}

TEST_F(ElfCheck, SurvivesChangedBytes) {
    std::mt19937 random(20261120);  // NOLINT(bugprone-random-generator-seed): repeatable
    std::size_t refused = 0;
    for (int round = 0; round < 3000; ++round) {
        std::string content = good_;
        for (int change = 0; change < 8; ++change) {
            // Mostly in the headers at both ends, where it matters.
            const std::size_t zone = 1024;
            std::size_t at = random() % content.size();
            if (change < 6) {
                at = random() % zone;
                at = (random() & 1U) != 0 ? at : content.size() - 1 - at;
            }
            content[at] = static_cast<char>(random());
        }
        refused += reason(content).empty() ? 0 : 1;
    }
    EXPECT_GT(refused, 100U);
}

}  // namespace
}  // namespace belfry::plugin::test
