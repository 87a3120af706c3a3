#include "sdk/testkit/conformance/kit.hpp"

#include "sdk/testkit/conformance/arguments.hpp"

#include <stdlib.h>

#include <algorithm>
#include <iostream>

namespace belfry::conformance {
namespace {

Kit* current = nullptr;

}  // namespace

Kit::Kit(Options options) : options_(std::move(options)), run_(random_name()) {
    if (!options_.is_listing) {
        load_plugin();
        make_work_folder();
    }
    current = this;
}

void Kit::load_plugin() {
    options_.plugin = std::filesystem::absolute(options_.plugin).string();
    plugin_ = testkit::Plugin::load(host_, options_.plugin);
    if (plugin_->descriptor().kind != BF_KIND_STORAGE) {
        throw testkit::Failed(options_.plugin + ": expected a storage, found kind " +
                              std::to_string(plugin_->descriptor().kind));
    }
}

void Kit::make_work_folder() {
    if (options_.work.empty()) {
        auto folder = (std::filesystem::temp_directory_path() / "belfry-kit-XXXXXX").string();
        if (::mkdtemp(folder.data()) == nullptr) {
            throw testkit::Failed(folder + ": cannot be made");
        }
        options_.work = folder;
        owns_work_ = true;
    }
    std::filesystem::create_directories(options_.work);
    options_.work = std::filesystem::absolute(options_.work).string();
}

Kit::~Kit() {
    current = nullptr;
    if (owns_work_) {
        std::error_code ignored;
        std::filesystem::remove_all(options_.work, ignored);
    }
}

Kit& Kit::get() { return *current; }

std::string Kit::new_name() { return run_ + "_" + std::to_string(++cases_); }

std::string Kit::new_config() {
    return replace(replace(options_.config, "case", new_name()), "work", options_.work);
}

std::string Kit::new_path(std::string_view suffix) {
    return (std::filesystem::path(options_.work) / (new_name() + std::string(suffix))).string();
}

std::string Kit::backup_config(const std::string& path) const {
    return replace(replace(options_.backup_config, "backup", path), "work", options_.work);
}

void Case::SetUp() {
    config_ = Kit::get().new_config();
    random_.seed(Kit::get().options().seed);
    known_violations_ = host().violations().size();
}

void Case::TearDown() {
    close();
    const auto violations = host().violations();
    for (auto at = known_violations_; at < violations.size(); ++at) {
        ADD_FAILURE() << "a rule of abi.h was broken: " << violations[at];
    }
    if (HasFailure()) {
        std::cout << "--seed " << Kit::get().options().seed << ", configuration " << config_
                  << '\n';
    }
}

Store& Case::store() {
    if (!store_) {
        store_ = std::make_unique<Store>(Kit::get().plugin(), config_);
    }
    return *store_;
}

void Case::restart() {
    store().instance.stop();
    close();
    store();
}

bf_read query_of(std::string_view stream, std::uint64_t limit) {
    bf_read query{};
    query.stream = sdk::str(stream);
    query.limit = limit;
    query.max_bytes = UINT64_MAX;
    return query;
}

std::vector<sdk::Entry> read_all(Store& store, bf_read query,
                                 const std::function<void()>& between_pages) {
    constexpr int kMostPages = 100'000;
    const bool is_backward = (query.flags & BF_READ_BACKWARD) != 0;
    std::vector<sdk::Entry> all;
    for (int pages = 0; pages < kMostPages; ++pages) {
        auto page = store.read(query);
        std::ranges::move(page.entries, std::back_inserter(all));
        if (!page.more) {
            return all;
        }
        const bool moves =
            is_backward ? page.next < query.after || query.after == 0 : page.next > query.after;
        if (!moves || page.next == 0) {
            throw testkit::Failed("read: more, and next is " + std::to_string(page.next) +
                                  " after " + std::to_string(query.after));
        }
        query.after = page.next;
        if (between_pages) {
            between_pages();
        }
    }
    throw testkit::Failed("read: there is more after " + std::to_string(kMostPages) + " pages");
}

Seqs seqs_of(const std::vector<sdk::Entry>& entries) {
    Seqs seqs;
    seqs.reserve(entries.size());
    for (const auto& entry : entries) {
        seqs.push_back(entry.seq);
    }
    return seqs;
}

std::uint64_t unread_of(const std::vector<sdk::Entry>& entries) {
    return static_cast<std::uint64_t>(std::ranges::count_if(entries, [](const auto& entry) {
        return entry.kind == BF_ENTRY_NOTIFICATION &&
               (entry.state & (BF_STATE_READ | BF_STATE_RETRACTED)) == 0;
    }));
}

void fill(Store& store, const std::string& stream, std::uint64_t count,
          const std::function<sdk::Notification(std::uint64_t)>& make) {
    constexpr std::uint64_t kInOneGroup = 500;
    for (std::uint64_t number = 1; number <= count;) {
        Group group;
        for (std::uint64_t i = 0; i < kInOneGroup && number <= count; ++i) {
            group.append(make(number++), {stream});
        }
        if (const auto result = store.commit(group); result.status != Status::ok) {
            throw testkit::Failed("filling " + stream + ": " + result.message);
        }
    }
}

void fill(Store& store, const std::string& stream, std::uint64_t count) {
    fill(store, stream, count,
         [](std::uint64_t number) { return note("n" + std::to_string(number)); });
}

}  // namespace belfry::conformance
