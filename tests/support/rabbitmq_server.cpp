#include "tests/support/rabbitmq_server.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>

namespace belfry::test {

namespace {

void run_script(const std::string& arguments) {
    const std::string command = std::string("'") + BELFRY_TEST_RABBITMQ + "' " + arguments;
    if (std::system(command.c_str()) != 0) {
        throw std::runtime_error("failed: " + command);
    }
}

std::string quoted(const std::filesystem::path& path) { return "'" + path.string() + "'"; }

}  // namespace

std::filesystem::path shared_rabbit() {
    const char* folder = std::getenv("BELFRY_RABBITMQ_DIR");
    if (folder == nullptr || !std::filesystem::exists(std::filesystem::path(folder) / "url")) {
        return {};
    }
    return folder;
}

std::string rabbit_file(const std::filesystem::path& folder, const std::string& name) {
    std::ifstream file(folder / name);
    std::string line;
    std::getline(file, line);
    return line;
}

void rabbit_control(const std::filesystem::path& folder, const std::string& arguments) {
    run_script("ctl " + quoted(folder) + " " + arguments);
}

RabbitServer::RabbitServer() {
    std::string name = (std::filesystem::temp_directory_path() / "belfry-rabbitmq-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        throw std::runtime_error("no temporary folder");
    }
    folder_ = name;
    start();
}

RabbitServer::~RabbitServer() {
    try {
        run_script("stop --remove " + quoted(folder_));
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void RabbitServer::start() {
    run_script("start --until " + std::to_string(::getpid()) + " " + quoted(folder_));
}

void RabbitServer::kill() { run_script("kill " + quoted(folder_)); }

int RabbitServer::port() const { return std::stoi(rabbit_file(folder_, "port")); }

}  // namespace belfry::test
