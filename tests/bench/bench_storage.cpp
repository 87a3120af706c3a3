#include "tests/bench/benches.hpp"
#include "tests/bench/storage_answers.hpp"
#include "tests/bench/storage_machine.hpp"
#include "tests/bench/storage_writes.hpp"

#include <algorithm>

namespace belfry::bench {
namespace {

Result<Figures> measure(Database& database) {
    const auto limit = database.make_limit();
    if (!limit) {
        return std::unexpected(limit.error());
    }
    Sheet sheet(database);
    auto done = measure_unicast(database, **limit, sheet);
    if (done) {
        done = measure_answers(database, sheet);
    }
    if (done) {
        done = measure_fan_out(database, **limit, sheet);
    }
    return done ? Result<Figures>(sheet.take())
                : fail(done.error().code, database.name() + ": " + done.error().message);
}

}  // namespace

Result<Figures> run_storage(const Machine& machine) {
    const auto flushes = time_flushes();
    if (!flushes) {
        return std::unexpected(flushes.error());
    }
    const std::string conditions = "4 KiB written over and flushed, one after the other";
    Figures all{{"storage", "flush_p50", flushes->milliseconds(0.5), "ms", {}, conditions},
                {"storage", "flush_p99", flushes->milliseconds(0.99), "ms", {}, conditions}};
    auto figures = for_each_database(machine, measure);
    if (figures) {
        figures->insert(figures->begin(), all.begin(), all.end());
    }
    return figures;
}

}  // namespace belfry::bench
