/// A schema on the fixture's PostgreSQL server, behind the plugin's table.
#pragma once

#include "sdk/testkit/conformance/store.hpp"
#include "tests/support/postgres.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
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
using test::PostgresSchema;
using test::PostgresServer;
using testkit::Outcome;

/// A folder that goes with this; every user may enter it.
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

/// The configuration for a schema; `more` is further members.
std::string config(std::string_view address, std::string_view schema, std::string_view more = {});

struct Loaded {
    testkit::Host host;
    testkit::Plugin plugin = testkit::Plugin::load(host, BELFRY_TEST_PLUGIN);
};

/// Starts with a host of its own; throws testkit::Failed where that fails.
class Store : public Loaded, public conformance::Store {
public:
    Store(std::string_view address, std::string_view schema, std::string_view more = {});
    /// Fails where the plugin broke a rule of abi.h.
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
};

/// A schema of its own on the server that all share; skipped where there is none.
class Postgres : public testing::Test {
protected:
    void SetUp() override;
    void TearDown() override;

    /// Opened by the first call.
    Store& store();
    void close() { store_.reset(); }
    [[nodiscard]] const std::string& address() const { return schema_->address(); }
    [[nodiscard]] const std::string& schema() const { return schema_->name(); }
    /// The first column of what `sql` gives; `@.` is the schema.
    std::vector<std::string> query(std::string sql) const;

private:
    std::unique_ptr<PostgresSchema> schema_;
    std::unique_ptr<Store> store_;
};

}  // namespace belfry::storage_test
