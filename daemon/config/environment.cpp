#include "daemon/config/environment.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace belfry::config {
namespace {

constexpr std::size_t kMaxSecretFile = std::size_t{64} << 10U;

class Descriptor {
public:
    explicit Descriptor(int value) : value_(value) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (value_ >= 0) {
            ::close(value_);
        }
    }
    [[nodiscard]] int get() const { return value_; }

private:
    int value_;
};

std::unexpected<Error> cannot_read(const std::string& path, int error) {
    return fail(Code::not_found,
                "cannot read " + path + ": " + std::generic_category().message(error));
}

Result<std::string> read_all(const Descriptor& file, const std::string& path) {
    std::string content;
    std::array<char, 4096> part{};
    while (content.size() <= kMaxSecretFile) {
        const ssize_t got = ::read(file.get(), part.data(), part.size());
        if (got == 0) {
            return content;
        }
        if (got > 0) {
            content.append(part.data(), static_cast<std::size_t>(got));
        } else if (errno != EINTR) {
            return cannot_read(path, errno);
        }
    }
    return fail(Code::too_large,
                path + " has more than " + std::to_string(kMaxSecretFile) + " bytes");
}

/// Without waiting: a pipe or a device is refused.
Result<std::string> read_regular_file(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat about{};
    if (file.get() < 0 || ::fstat(file.get(), &about) != 0) {
        return cannot_read(path, errno);
    }
    if (!S_ISREG(about.st_mode)) {
        return fail(Code::invalid, path + " is not a regular file");
    }
    return read_all(file, path);
}

std::optional<std::string> read_variable(const std::string& name) {
    // Configuration is read while nothing changes the environment.
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::string read_host_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') {
        return "localhost";
    }
    return name.data();
}

}  // namespace

Environment system_environment() { return {read_variable, read_regular_file, read_host_name}; }

}  // namespace belfry::config
