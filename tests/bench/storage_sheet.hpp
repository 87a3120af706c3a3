/// The figures of one database.
#pragma once

#include "tests/bench/figure.hpp"
#include "tests/bench/storage_databases.hpp"

#include <functional>
#include <string>
#include <vector>

namespace belfry::bench {

constexpr std::uint64_t kMailboxes = 10'000;
constexpr int kRepetitions = 5;
/// The name of the storage that is measured.
inline const std::string kStorage = "bench";

/// Repeats what gives a number and notes the median.
class Sheet {
public:
    using Once = std::function<Result<double>(Subject&)>;

    explicit Sheet(Database& database) : database_(database) {}

    /// The storage is opened for each time.
    Result<> repeat(const std::string& name, const std::string& conditions, const Once& once);
    /// The storage and the database by itself: first the one and then the other in turn. The
    /// storage is closed while the other is measured.
    Result<> compare(const std::string& name, const std::string& conditions, const Once& storage,
                     const std::function<Result<double>()>& limit);
    void add(const std::string& name, const std::vector<double>& values, const std::string& unit,
             const std::string& conditions);
    /// What a run gave, for who waits.
    void tell(const std::string& name, double value, const std::string& unit) const;

    [[nodiscard]] Figures take() { return std::move(figures_); }

private:
    Result<double> open_once(const Once& once);

    Database& database_;
    Figures figures_;
};

}  // namespace belfry::bench
