/// The plugin under test, and a storage of its own for each test.
#pragma once

#include "sdk/testkit/conformance/options.hpp"
#include "sdk/testkit/conformance/store.hpp"

#include <belfry/testkit/host.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace belfry::conformance {

/// What a whole run shares. A plugin is loaded once and has one host, as in the daemon.
class Kit {
public:
    explicit Kit(Options options);
    ~Kit();
    Kit(const Kit&) = delete;
    Kit& operator=(const Kit&) = delete;

    /// The one that main made.
    static Kit& get();

    [[nodiscard]] const Options& options() const { return options_; }
    [[nodiscard]] testkit::Host& host() { return host_; }
    [[nodiscard]] const testkit::Plugin& plugin() const { return *plugin_; }
    /// The configuration of a storage that was never there before.
    std::string new_config();
    /// A path in the work folder, with nothing there.
    std::string new_path(std::string_view suffix);
    /// The configuration for a copy that `backup` wrote.
    [[nodiscard]] std::string backup_config(const std::string& path) const;

private:
    void load_plugin();
    void make_work_folder();
    std::string new_name();

    Options options_;
    bool owns_work_ = false;
    std::string run_;  ///< told from all other runs by chance
    std::uint64_t cases_ = 0;
    testkit::Host host_;
    std::optional<testkit::Plugin> plugin_;
};

/// One storage. Fails where the plugin broke a rule of abi.h, too.
class Case : public testing::Test {
protected:
    void SetUp() override;
    void TearDown() override;

    [[nodiscard]] testkit::Host& host() { return Kit::get().host(); }
    /// Opened by the first call.
    Store& store();
    /// Stops, and opens the same storage again.
    void restart();
    void close() { store_.reset(); }
    [[nodiscard]] const std::string& config() const { return config_; }
    /// Seeded by --seed; the same in each run of a test.
    [[nodiscard]] std::mt19937_64& random() { return random_; }

private:
    std::string config_;
    std::unique_ptr<Store> store_;
    std::mt19937_64 random_;
    std::size_t known_violations_ = 0;
};

using Seqs = std::vector<std::uint64_t>;

/// A query for all of a stream.
bf_read query_of(std::string_view stream, std::uint64_t limit = 1'000);
/// Reads page after page until there is no more. Throws testkit::Failed where that does not end.
std::vector<sdk::Entry> read_all(Store& store, bf_read query,
                                 const std::function<void()>& between_pages = {});
Seqs seqs_of(const std::vector<sdk::Entry>& entries);
/// By definition: notifications that are neither read nor retracted.
std::uint64_t unread_of(const std::vector<sdk::Entry>& entries);

/// Appends `count` entries in groups of many; `make` says what the n-th (from 1) is.
void fill(Store& store, const std::string& stream, std::uint64_t count,
          const std::function<sdk::Notification(std::uint64_t)>& make);
void fill(Store& store, const std::string& stream, std::uint64_t count);

}  // namespace belfry::conformance
