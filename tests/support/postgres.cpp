#include "tests/support/postgres.hpp"

#include <pqxx/pqxx>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace belfry::test {

namespace {

std::string first_line(const std::filesystem::path& file) {
    std::ifstream stream(file);
    std::string line;
    std::getline(stream, line);
    return line;
}

std::string quoted(const std::string& text) {
    std::string made = "'";
    for (const char c : text) {
        made += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return made + "'";
}

void run_script(const std::string& arguments) {
    const std::string command = quoted(BELFRY_TEST_POSTGRES) + " " + arguments;
    if (const int status = std::system(command.c_str()); status != 0) {
        throw std::runtime_error(command + ": expected success, found status " +
                                 std::to_string(status));
    }
}

}  // namespace

std::optional<std::string> postgres_address() {
    if (const char* address = std::getenv("BELFRY_POSTGRES"); address != nullptr) {
        return address;
    }
    const char* file = std::getenv("BELFRY_POSTGRES_FILE");
    const auto line = file == nullptr ? std::string() : first_line(file);
    return line.empty() ? std::nullopt : std::optional(line);
}

std::vector<std::string> postgres_query(const std::string& address, const std::string& sql) {
    pqxx::connection connection(address);
    pqxx::nontransaction work(connection);
    std::vector<std::string> values;
    for (const auto& row : work.exec(sql)) {
        values.emplace_back(row.empty() ? "" : row[0].c_str());
    }
    return values;
}

PostgresSchema::PostgresSchema(std::string address) : address_(std::move(address)) {
    static std::atomic<int> count = 0;
    name_ = "test_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
}

PostgresSchema::~PostgresSchema() {
    try {
        postgres_query(address_, "SET client_min_messages = warning; DROP SCHEMA IF EXISTS " +
                                     name_ + " CASCADE");
    } catch (const std::exception& error) {
        std::cerr << name_ << " stays: " << error.what() << '\n';
    }
}

PostgresServer::PostgresServer(std::vector<std::string> settings) : settings_(std::move(settings)) {
    std::string name = (std::filesystem::temp_directory_path() / "belfry-postgres-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        throw std::runtime_error("no temporary folder");
    }
    folder_ = name;
    start();
}

PostgresServer::~PostgresServer() {
    try {
        kill();
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void PostgresServer::start() {
    std::string arguments =
        "start --until " + std::to_string(::getpid()) + " " + quoted(folder_.string());
    for (const auto& setting : settings_) {
        arguments += " " + quoted(setting);
    }
    run_script(arguments);
    address_ = first_line(folder_ / "conninfo");
    port_ = std::stoi(first_line(folder_ / "port"));
}

void PostgresServer::kill() { run_script("kill " + quoted(folder_.string())); }

void PostgresServer::stop() { run_script("stop " + quoted(folder_.string())); }

}  // namespace belfry::test
