#include "tests/power_loss/trace.hpp"

#include <utility>

namespace belfry::power_loss {

void Recorder::add(Event event) { events_.push_back(std::move(event)); }

int Recorder::file_of(const std::string& name) {
    const auto [found, is_new] = files_.try_emplace(name, last_file_ + 1);
    if (is_new) {
        ++last_file_;
        add({.kind = Event::Kind::create, .file = last_file_, .name = name, .bytes = {}});
    }
    return found->second;
}

int Recorder::before(const Operation& /*operation*/) { return 0; }

void Recorder::after(const Operation& operation) {
    const std::lock_guard lock(mutex_);
    const std::string name(operation.path.substr(operation.path.rfind('/') + 1));
    if (operation.kind == Kind::remove) {
        add({.kind = Event::Kind::remove, .file = file_of(name), .name = name, .bytes = {}});
        files_.erase(name);
    } else if (operation.kind != Kind::read) {
        const int file = file_of(name);
        if (operation.kind == Kind::write) {
            add({.kind = Event::Kind::write,
                 .file = file,
                 .name = {},
                 .offset = operation.offset,
                 .bytes = std::string(operation.bytes)});
        } else if (operation.kind == Kind::truncate) {
            add({.kind = Event::Kind::truncate,
                 .file = file,
                 .name = {},
                 .offset = operation.offset,
                 .bytes = {}});
        } else if (operation.kind == Kind::sync) {
            add({.kind = Event::Kind::sync, .file = file, .name = {}, .bytes = {}});
        }
    }
    if (operation.syncs_folder) {
        add({.kind = Event::Kind::sync_folder, .name = {}, .bytes = {}});
    }
}

void Recorder::answer(std::uint64_t group) {
    const std::lock_guard lock(mutex_);
    add({.kind = Event::Kind::answer, .name = {}, .bytes = {}, .group = group});
}

std::vector<Event> Recorder::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(events_, {});
}

}  // namespace belfry::power_loss
