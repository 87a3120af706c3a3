#include "tests/bench/storage_sheet.hpp"

#include "tests/bench/samples.hpp"

namespace belfry::bench {

Result<double> Sheet::open_once(const Once& once) {
    double value = 0;
    const auto done = with_storage(database_, kStorage, [&](Subject& subject) -> Result<> {
        const auto given = once(subject);
        value = given.value_or(0);
        return given ? Result<>() : std::unexpected(given.error());
    });
    return done ? Result<double>(value) : std::unexpected(done.error());
}

Result<> Sheet::repeat(const std::string& name, const std::string& conditions, const Once& once) {
    std::vector<double> values;
    for (int i = 0; i < kRepetitions; ++i) {
        const auto value = open_once(once);
        if (!value) {
            return std::unexpected(value.error());
        }
        values.push_back(*value);
        tell(name, *value, "/s");
    }
    add(name, values, "1/s", conditions);
    return {};
}

Result<> Sheet::compare(const std::string& name, const std::string& conditions, const Once& storage,
                        const std::function<Result<double>()>& limit) {
    std::vector<double> values;
    std::vector<double> limits;
    for (int i = 0; i < 2 * kRepetitions; ++i) {
        const bool is_limit = i % 4 == 0 || i % 4 == 3;
        const auto value = is_limit ? limit() : open_once(storage);
        if (!value) {
            return std::unexpected(value.error());
        }
        (is_limit ? limits : values).push_back(*value);
        tell(name, *value, is_limit ? "/s is the limit" : "/s");
    }
    add(name, values, "1/s", conditions);
    figures_.back().reference = {"limit", median(limits)};
    return {};
}

void Sheet::add(const std::string& name, const std::vector<double>& values, const std::string& unit,
                const std::string& conditions) {
    figures_.push_back({"storage",
                        database_.name() + '_' + name,
                        median(values),
                        unit,
                        {},
                        conditions + "; median of " + std::to_string(values.size()) + "; " +
                            database_.describe()});
}

void Sheet::tell(const std::string& name, double value, const std::string& unit) const {
    progress("storage: " + database_.name() + ": " + name + ": " +
             std::to_string(static_cast<std::uint64_t>(value)) + unit);
}

}  // namespace belfry::bench
