/// A SQLite database in a folder of its own, behind the plugin's table.
#pragma once

#include "sdk/testkit/conformance/store.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::storage_test {

using conformance::Call;
using conformance::Group;
using conformance::note;
using conformance::note_of;
using sdk::Key;
using sdk::Status;
using testkit::Outcome;

/// A folder that goes with this.
class Folder {
public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] std::string file(std::string_view name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

struct Loaded {
    testkit::Host host;
    testkit::Plugin plugin = testkit::Plugin::load(host, BELFRY_TEST_PLUGIN);
};

/// Starts with a host of its own; throws testkit::Failed where that fails.
class Store : public Loaded, public conformance::Store {
public:
    explicit Store(const std::string& path, std::string_view more = {});
};

/// The configuration for a file; `more` is further members.
std::string config(const std::string& path, std::string_view more = {});

/// What `sql` gives in its first column, one line a row.
std::vector<std::string> query(const std::string& path, const std::string& sql);

}  // namespace belfry::storage_test
