#include "tests/power_loss/image.hpp"

#include <algorithm>
#include <fstream>
#include <string_view>

namespace belfry::power_loss {

namespace {

void write_at(std::string& content, std::uint64_t offset, std::string_view bytes) {
    content.resize(std::max<std::size_t>(content.size(), offset + bytes.size()));
    content.replace(offset, bytes.size(), bytes);
}

void apply_whole(std::string& content, const Event& event) {
    if (event.kind == Event::Kind::truncate) {
        content.resize(event.offset);
    } else {
        write_at(content, event.offset, event.bytes);
    }
}

/// Some of the sectors that the write touches.
void apply_torn(std::string& content, const Event& event, std::size_t sector,
                std::mt19937_64& random) {
    const std::uint64_t end = event.offset + event.bytes.size();
    for (std::uint64_t from = event.offset; from < end;) {
        const std::uint64_t to = std::min(end, (from / sector + 1) * sector);
        if (random() % 2 == 0) {
            write_at(content, from,
                     std::string_view(event.bytes).substr(from - event.offset, to - from));
        }
        from = to;
    }
}

}  // namespace

void Medium::apply(const Event& event) {
    if (event.kind == Event::Kind::acknowledge) {
        return;
    }
    Content& content = files_[event.file];
    if (event.kind == Event::Kind::create) {
        content = {};
    } else if (event.kind == Event::Kind::remove) {
        content.is_removed = true;
        if (event.offset != 0 && !loses_syncs_) {
            files_.erase(event.file);
        }
    } else if (event.kind != Event::Kind::sync) {
        content.pending.push_back(event);
    } else if (!loses_syncs_) {
        for (const Event& change : content.pending) {
            apply_whole(content.certain, change);
        }
        content.pending.clear();
        for (auto& [name, other] : files_) {
            other.has_certain_name = true;  // SQLite syncs the folder with a new file
        }
        std::erase_if(files_, [](const auto& file) { return file.second.is_removed; });
    }
}

std::string Medium::one_of(const Content& content, std::mt19937_64& random) {
    constexpr std::uint64_t kWays = 4;
    std::string image = content.certain;
    // Most of the time much is there: what is lost is rather the end, or a piece in between.
    const auto favour = random() % kWays;
    const std::size_t sector = random() % 2 == 0 ? 512 : 4096;
    for (const Event& change : content.pending) {
        switch (favour == 0 ? 0 : random() % kWays) {
            case 0: break;
            case 1:
                if (change.kind == Event::Kind::write) {
                    apply_torn(image, change, sector, random);
                    break;
                }
                [[fallthrough]];
            default: apply_whole(image, change);
        }
    }
    return image;
}

void Medium::write_image(const std::string& folder, std::uint64_t seed) const {
    std::mt19937_64 random(seed);
    for (const auto& [name, content] : files_) {
        const auto bytes = one_of(content, random);
        const bool may_lack = !content.has_certain_name || content.is_removed;
        if (may_lack && random() % 2 == 0) {
            continue;
        }
        std::ofstream(folder + '/' + name, std::ios::binary) << bytes;
    }
}

}  // namespace belfry::power_loss
