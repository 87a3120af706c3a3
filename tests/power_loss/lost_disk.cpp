#include "tests/power_loss/lost_disk.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

namespace belfry::power_loss {
namespace {

constexpr std::size_t kSector = 512;
constexpr std::size_t kPage = 4096;

void write_at(std::string& content, std::size_t offset, std::string_view bytes) {
    if (content.size() < offset + bytes.size()) {
        content.resize(offset + bytes.size());
    }
    content.replace(offset, bytes.size(), bytes);
}

void do_event(std::string& content, const Event& event) {
    if (event.kind == Event::Kind::truncate) {
        content.resize(static_cast<std::size_t>(event.offset));
    } else {
        write_at(content, static_cast<std::size_t>(event.offset), event.bytes);
    }
}

void do_name(std::map<std::string, int>& names, const Event& event) {
    if (event.kind == Event::Kind::create) {
        names[event.name] = event.file;
    } else {
        names.erase(event.name);
    }
}

/// How the writes that were not synced came to the disk.
struct Fate {
    std::size_t unit;   ///< what comes whole or not at all; 0: a whole write
    unsigned chance;    ///< of 8, for each unit
    std::size_t up_to;  ///< writes from this one on never came
};

Fate fate_of(std::size_t writes, std::mt19937_64& random) {
    constexpr std::size_t kUnits[] = {0, kSector, kPage};
    constexpr unsigned kChances[] = {0, 8, 4, 1, 7};
    return {kUnits[random() % std::size(kUnits)], kChances[random() % std::size(kChances)],
            random() % 2 == 0 ? writes : random() % (writes + 1)};
}

void write_units(std::string& content, const Event& event, const Fate& fate,
                 std::mt19937_64& random) {
    const auto start = static_cast<std::size_t>(event.offset);
    const auto end = start + event.bytes.size();
    const std::string_view bytes = event.bytes;
    for (auto at = start; at < end;) {
        const auto next = fate.unit == 0 ? end : std::min(end, (at / fate.unit + 1) * fate.unit);
        if (random() % 8 < fate.chance) {
            write_at(content, at, bytes.substr(at - start, next - at));
        }
        at = next;
    }
}

}  // namespace

void LostDisk::apply(const Event& event) {
    switch (event.kind) {
        case Event::Kind::create:
        case Event::Kind::remove: unsynced_names_.push_back(&event); break;
        case Event::Kind::write:
        case Event::Kind::truncate: files_[event.file].unsynced.push_back(&event); break;
        case Event::Kind::sync:
            if (!forgets_syncs_) {
                auto& file = files_[event.file];
                for (const auto* one : file.unsynced) {
                    do_event(file.synced, *one);
                }
                file.unsynced.clear();
            }
            break;
        case Event::Kind::sync_folder:
            if (!forgets_syncs_) {
                for (const auto* one : unsynced_names_) {
                    do_name(synced_names_, *one);
                }
                unsynced_names_.clear();
            }
            break;
        case Event::Kind::answer: break;
    }
}

std::string LostDisk::content(const File& file, Random& random) {
    auto content = file.synced;
    const auto fate = fate_of(file.unsynced.size(), random);
    for (std::size_t i = 0; i < fate.up_to; ++i) {
        const auto& event = *file.unsynced[i];
        if (event.kind == Event::Kind::write) {
            write_units(content, event, fate, random);
        } else if (random() % 8 < fate.chance) {
            do_event(content, event);
        }
    }
    return content;
}

/// Changes of a folder come to the disk in their order.
std::map<std::string, int> LostDisk::names(Random& random) const {
    auto names = synced_names_;
    const auto count = random() % (unsynced_names_.size() + 1);
    for (std::size_t i = 0; i < count; ++i) {
        do_name(names, *unsynced_names_[i]);
    }
    return names;
}

void LostDisk::write(const std::string& folder, std::uint64_t seed) const {
    Random random(seed);
    for (const auto& [name, number] : names(random)) {
        const auto found = files_.find(number);
        const auto bytes = found == files_.end() ? std::string() : content(found->second, random);
        std::ofstream(std::filesystem::path(folder) / name, std::ios::binary) << bytes;
    }
}

}  // namespace belfry::power_loss
