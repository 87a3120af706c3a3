#include "tests/conformance/broker/served_broker.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

namespace belfry::served {

Journal::Journal(std::string path)
    : path_(std::move(path)),
      file_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {
    if (file_ < 0) {
        throw sdk::ConfigError(path_ + " cannot be opened");
    }
}

Journal::~Journal() { ::close(file_); }

void Journal::write(std::string line) const {
    line += '\n';
    if (::write(file_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
        throw std::runtime_error(path_ + " cannot be written");
    }
}

void Journal::published(std::string_view destination, std::string_view body) const {
    write("P" + std::string(destination) + " " + std::string(body));
}

void Journal::settled(std::string_view body) const { write("S" + std::string(body)); }

std::map<std::string, std::string> Journal::left() const {
    std::map<std::string, std::string> left;
    std::ifstream file(path_);
    for (std::string line; std::getline(file, line);) {
        if (line.front() == 'S') {
            left.erase(line.substr(1));
        } else {
            const auto space = line.find(' ');
            left[line.substr(space + 1)] = line.substr(1, space - 1);
        }
    }
    return left;
}

}  // namespace belfry::served
