#include "plugins/storage/sqlite/lock_file.hpp"

#include <belfry/types.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

namespace belfry::sqlite {

namespace {

std::string holder(int descriptor) {
    std::array<char, 32> text{};
    const auto size = ::pread(descriptor, text.data(), text.size(), 0);
    const std::string_view digits(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    return std::string(digits.substr(0, digits.find('\n')));
}

}  // namespace

LockFile::LockFile(const std::string& database) {
    const std::string path = database + ".lock";
    descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor_ < 0) {
        throw sdk::Failure(sdk::Status::unavailable,
                           path + ": cannot be made: " + std::generic_category().message(errno));
    }
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
        const std::string other = holder(descriptor_);
        ::close(descriptor_);
        throw sdk::Failure(sdk::Status::refused,
                           database + ": in use by another instance (process " + other + ")");
    }
    const std::string own = std::to_string(::getpid()) + "\n";
    if (::ftruncate(descriptor_, 0) == 0) {
        (void)!::pwrite(descriptor_, own.data(), own.size(), 0);
    }
}

LockFile::~LockFile() { ::close(descriptor_); }

}  // namespace belfry::sqlite
