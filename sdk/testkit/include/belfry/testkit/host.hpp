/// An in-memory daemon for tests of plugins, in any test framework:
///
///     testkit::Host host;
///     auto plugin = testkit::Plugin::load(host, path);        // or Plugin::from(host,
///     belfry_plugin_v1) auto instance = plugin.create("events", R"({"name":"x"})");
///     instance.start();
///     auto stats = testkit::await<sdk::StorageStats>(
///         instance, "stats", [&](bf_done done) { table.stats(instance.handle(), done); });
///     instance.stop();
///     ASSERT_TRUE(host.violations().empty());
///
/// What cannot go on (a plugin that does not load, a call that is not completed in time) throws
/// testkit::Failed, whose text says what was expected. What a plugin does against the rules of
/// abi.h is collected in Host::violations().
#pragma once

#include "belfry/testkit/app.hpp"          // IWYU pragma: export
#include "belfry/testkit/link.hpp"         // IWYU pragma: export
#include "belfry/testkit/memory_host.hpp"  // IWYU pragma: export
#include "belfry/testkit/pending.hpp"      // IWYU pragma: export
#include "belfry/testkit/plugin.hpp"       // IWYU pragma: export
#include "belfry/testkit/values.hpp"       // IWYU pragma: export
