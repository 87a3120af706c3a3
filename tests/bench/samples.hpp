/// Distributions.
#pragma once

#include "daemon/base/time.hpp"

#include <vector>

namespace belfry::bench {

/// Every value is kept.
class Samples {
public:
    void add(Nanos value) { values_.push_back(value); }
    void add(const Samples& more) {
        values_.insert(values_.end(), more.values_.begin(), more.values_.end());
    }
    void clear() { values_.clear(); }
    [[nodiscard]] std::size_t size() const { return values_.size(); }
    /// The value that the share `q` of all does not exceed, in milliseconds; 0 where there is none.
    [[nodiscard]] double milliseconds(double q) const;

private:
    std::vector<Nanos> values_;
};

/// 0 where there is none.
double median(std::vector<double> values);

}  // namespace belfry::bench
