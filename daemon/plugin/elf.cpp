#include "daemon/plugin/elf.hpp"

#include <elf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

namespace belfry::plugin {
namespace {

#if defined(__x86_64__)
constexpr std::uint16_t kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t kMachine = EM_AARCH64;
#elif defined(__riscv)
constexpr std::uint16_t kMachine = EM_RISCV;
#else
#error "which ELF machine is this?"
#endif
constexpr unsigned char kByteOrder =
    std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;

constexpr std::uint64_t kMaxPart = std::uint64_t{64} << 20U;  ///< of symbols and of strings

class File {
public:
    File(int file, std::uint64_t size) : file_(file), size_(size) {}

    [[nodiscard]] bool has(std::uint64_t offset, std::uint64_t length) const {
        return offset <= size_ && length <= size_ - offset;
    }
    [[nodiscard]] bool read(void* out, std::uint64_t offset, std::uint64_t length) const {
        auto* at = static_cast<char*>(out);
        while (has(offset, length) && length > 0) {
            const ssize_t got = pread(file_, at, length, static_cast<off_t>(offset));
            if (got <= 0) {
                return false;
            }
            at += got;
            offset += static_cast<std::uint64_t>(got);
            length -= static_cast<std::uint64_t>(got);
        }
        return length == 0;
    }
    /// Nothing where the file does not hold so many.
    template <class Element>
    [[nodiscard]] std::optional<std::vector<Element>> array(std::uint64_t offset,
                                                            std::uint64_t count) const {
        if (count > kMaxPart / sizeof(Element) || !has(offset, count * sizeof(Element))) {
            return std::nullopt;
        }
        std::vector<Element> all(count);
        if (!read(all.data(), offset, count * sizeof(Element))) {
            return std::nullopt;
        }
        return all;
    }

private:
    int file_;
    std::uint64_t size_;
};

std::unexpected<Error> unusable(std::string reason) {
    return fail(Code::invalid, std::move(reason));
}
std::unexpected<Error> truncated() { return unusable("the file is truncated"); }

Result<void> check_header(const Elf64_Ehdr& header) {
    if (header.e_ident[EI_CLASS] != ELFCLASS64) {
        return unusable("built for another word size: expected 64-bit ELF");
    }
    if (header.e_ident[EI_DATA] != kByteOrder || header.e_machine != kMachine) {
        return unusable("built for another machine: expected ELF machine " +
                        std::to_string(kMachine) + ", found " + std::to_string(header.e_machine));
    }
    if (header.e_type != ET_DYN) {
        return unusable("not a shared object: ELF type " + std::to_string(header.e_type));
    }
    return {};
}

Result<void> check_segments(const File& file, const Elf64_Ehdr& header) {
    if (header.e_phnum == 0 || header.e_phentsize != sizeof(Elf64_Phdr)) {
        return unusable("not a loadable ELF file: no program headers");
    }
    const auto segments = file.array<Elf64_Phdr>(header.e_phoff, header.e_phnum);
    if (!segments) {
        return truncated();
    }
    bool is_dynamic = false;
    for (const Elf64_Phdr& segment : *segments) {
        if (!file.has(segment.p_offset, segment.p_filesz)) {
            return truncated();
        }
        if (segment.p_type == PT_GNU_STACK && (segment.p_flags & PF_X) != 0) {
            return unusable("it needs an executable stack; link it with -z noexecstack");
        }
        is_dynamic = is_dynamic || segment.p_type == PT_DYNAMIC;
    }
    if (!is_dynamic) {
        return unusable("not a shared object: no dynamic section");
    }
    return {};
}

bool is_export(const Elf64_Sym& symbol, std::string_view strings, std::string_view name) {
    if (symbol.st_shndx == SHN_UNDEF || ELF64_ST_TYPE(symbol.st_info) != STT_FUNC ||
        ELF64_ST_BIND(symbol.st_info) == STB_LOCAL || symbol.st_name >= strings.size()) {
        return false;
    }
    const std::string_view rest = strings.substr(symbol.st_name);
    return rest.size() > name.size() && rest.starts_with(name) && rest[name.size()] == '\0';
}

/// Without section headers, which a loader does not need, the probe finds out.
Result<void> check_symbol(const File& file, const Elf64_Ehdr& header, const std::string& name) {
    if (header.e_shnum == 0) {
        return {};
    }
    if (header.e_shentsize != sizeof(Elf64_Shdr)) {
        return unusable("not a valid ELF file: section headers of an unknown size");
    }
    const auto sections = file.array<Elf64_Shdr>(header.e_shoff, header.e_shnum);
    if (!sections) {
        return truncated();
    }
    for (const Elf64_Shdr& section : *sections) {
        if (section.sh_type != SHT_DYNSYM || section.sh_link >= sections->size()) {
            continue;
        }
        const Elf64_Shdr& texts = (*sections)[section.sh_link];
        const auto symbols =
            file.array<Elf64_Sym>(section.sh_offset, section.sh_size / sizeof(Elf64_Sym));
        const auto strings = file.array<char>(texts.sh_offset, texts.sh_size);
        if (!symbols || !strings) {
            return truncated();
        }
        const std::string_view all(strings->data(), strings->size());
        if (std::ranges::any_of(*symbols,
                                [&](const Elf64_Sym& one) { return is_export(one, all, name); })) {
            return {};
        }
    }
    return unusable("it does not export " + name +
                    ": not a Belfry plugin, or of another ABI major");
}

}  // namespace

Result<void> check_elf(int descriptor, const std::string& symbol) {
    struct stat info{};
    if (fstat(descriptor, &info) != 0 || info.st_size < 0) {
        return unusable("cannot be read");
    }
    const File file(descriptor, static_cast<std::uint64_t>(info.st_size));
    Elf64_Ehdr header{};
    if (!file.read(&header, 0, SELFMAG) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
        return unusable(info.st_size == 0 ? "the file is empty" : "not an ELF file");
    }
    if (!file.read(&header, 0, sizeof header)) {
        return truncated();
    }
    if (auto checked = check_header(header); !checked) {
        return checked;
    }
    if (auto checked = check_segments(file, header); !checked) {
        return checked;
    }
    return check_symbol(file, header, symbol);
}

}  // namespace belfry::plugin
