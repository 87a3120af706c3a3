#include "tests/unit/storage_sqlite/store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <unistd.h>

namespace belfry::storage_test {

Folder::Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "belfry-sqlite-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        throw testkit::Failed("no temporary folder");
    }
    path_ = name;
}

Folder::~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::string config(const std::string& path, std::string_view more) {
    return R"({"path":")" + path + "\"" + std::string(more) + "}";
}

Store::Store(const std::string& path, std::string_view more)
    : conformance::Store(plugin, config(path, more)) {}

std::vector<std::string> query(const std::string& path, const std::string& sql) {
    const SQLite::Database database(path, SQLite::OPEN_READONLY);
    SQLite::Statement statement(database, sql);
    std::vector<std::string> rows;
    while (statement.executeStep()) {
        rows.push_back(statement.getColumn(0).getString());
    }
    return rows;
}

}  // namespace belfry::storage_test
