/// A storage behind its C table, call by call.
#pragma once

#include "sdk/testkit/conformance/call.hpp"
#include "sdk/testkit/conformance/group.hpp"
#include "sdk/testkit/conformance/wire_check.hpp"

#include <belfry/testkit/host.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::conformance {

using sdk::Status;
using testkit::Outcome;

/// One running instance; any thread. Where a call fails that must not, testkit::Failed is thrown.
class Store {
public:
    /// Creates and starts.
    explicit Store(const testkit::Plugin& plugin, const std::string& config,
                   std::string name = "store");

    /// The result of the only group.
    sdk::GroupResult commit(const Group& group);
    std::vector<sdk::GroupResult> commit_all(const std::vector<const Group*>& groups);
    Call<sdk::Committed> begin_commit(const std::vector<const Group*>& groups);
    /// Appends one entry and says where.
    std::uint64_t append(const std::string& stream, const std::string& id);

    sdk::Page read(bf_read query);
    sdk::Page read(std::string_view stream, std::uint64_t after = 0, std::uint64_t limit = 10'000);
    sdk::Head head(std::string_view stream);
    std::vector<sdk::Head> heads(const std::vector<std::string>& streams);
    std::vector<sdk::Head> streams(std::string_view after, std::uint64_t limit);
    sdk::Cursors cursors(std::string_view stream);
    sdk::Cursors cursor(std::string_view stream, std::string_view device);
    Outcome<sdk::Document> get(std::string_view collection, std::string_view id);
    sdk::Documents find(bf_find query);
    sdk::Jobs claim(std::string_view queue, std::int64_t now, std::int64_t until,
                    std::uint64_t limit);
    sdk::Jobs jobs(std::string_view queue, std::uint32_t state, std::string_view after = {},
                   std::uint64_t limit = 1'000);
    sdk::StorageStats stats();
    Outcome<> backup(std::string_view path);
    sdk::Records dump(std::string_view after, std::uint64_t limit,
                      std::uint64_t max_bytes = UINT64_MAX);
    Outcome<> load(std::span<const sdk::Record> records);

    testkit::Instance instance;
    const bf_storage& table;

private:
    template <class Value, class Begin>
    Outcome<Value> call(const char* name, Begin begin);
    template <class Value, class Begin>
    Value value_of(const char* name, Begin begin);
};

}  // namespace belfry::conformance
