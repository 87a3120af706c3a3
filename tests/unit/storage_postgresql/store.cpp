#include "tests/unit/storage_postgresql/store.hpp"

#include <unistd.h>

namespace belfry::storage_test {

Folder::Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "belfry-postgres-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        throw testkit::Failed("no temporary folder");
    }
    path_ = name;
    using std::filesystem::perms;
    std::filesystem::permissions(path_, perms::owner_all | perms::others_exec);
}

Folder::~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string config(std::string_view address, std::string_view schema, std::string_view more) {
    return R"({"connection":")" + std::string(address) + R"(","schema":")" + std::string(schema) +
           "\"" + std::string(more) + "}";
}

Store::Store(std::string_view address, std::string_view schema, std::string_view more)
    : conformance::Store(plugin, config(address, schema, more)) {}

Store::~Store() {
    for (const auto& violation : host.violations()) {
        ADD_FAILURE() << violation;
    }
}

void Postgres::SetUp() {
    const auto address = test::postgres_address();
    if (!address) {
        GTEST_SKIP() << "no PostgreSQL server; ctest starts one where it is installed";
    }
    schema_ = std::make_unique<PostgresSchema>(*address);
}

void Postgres::TearDown() { store_.reset(); }

Store& Postgres::store() {
    if (!store_) {
        store_ = std::make_unique<Store>(address(), schema());
    }
    return *store_;
}

std::vector<std::string> Postgres::query(std::string sql) const {
    for (auto at = sql.find("@."); at != std::string::npos; at = sql.find("@.")) {
        sql.replace(at, 1, schema());
    }
    return test::postgres_query(address(), sql);
}

}  // namespace belfry::storage_test
