/// What the model plugin keeps, and its calls. `fault` is the one promise that is not kept.
#pragma once

#include "sdk/testkit/conformance/model.hpp"

#include <cstdint>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::model_plugin {

struct Data {
    std::mutex mutex;
    std::mt19937_64 random{std::random_device{}()};
    conformance::Model model{[this] { return random() >> 24U | 1U; }};
    std::uint64_t last_lease = 0;
};

struct ClaimQuery {
    std::string queue;
    std::int64_t now = 0;
    std::int64_t until = 0;
    std::uint64_t limit = 0;
};

struct DumpQuery {
    std::string after;
    std::uint64_t limit = 0;
    std::uint64_t max_bytes = 0;
};

sdk::GroupResult commit_group(Data& data, const bf_group& group, std::string_view fault);
sdk::Head head_of(const Data& data, const std::string& name, std::string_view fault);
sdk::Page read_page(const Data& data, const bf_read& query, std::string_view fault);
sdk::Cursors cursors_of(const Data& data, std::string_view stream, std::string_view device);
sdk::Documents find_documents(const Data& data, const bf_find& query, std::string_view fault);
sdk::Jobs claim_jobs(Data& data, const ClaimQuery& query, std::string_view fault);
sdk::Records dump_page(const Data& data, const DumpQuery& query, std::string_view fault);
void load_records(Data& data, std::vector<sdk::Record> records, std::string_view fault);

}  // namespace belfry::model_plugin
