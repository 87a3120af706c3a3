#include "daemon/base/ids.hpp"
#include "daemon/identity/tokens.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>

namespace belfry {
namespace {

constexpr std::string_view kFile = "token-secret";
constexpr std::size_t kLongestSecret = 4096;

class File {
public:
    explicit File(int descriptor) : descriptor_(descriptor) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
    }
    [[nodiscard]] int get() const { return descriptor_; }

private:
    int descriptor_;
};

std::unexpected<Error> failed(const std::string& path, const std::string& doing) {
    const int number = errno;
    return fail(Code::unavailable,
                path + ": cannot " + doing + ": " + std::generic_category().message(number));
}

/// Nothing where there is no such file.
Result<std::optional<std::string>> read_secret(const std::string& path) {
    const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (file.get() < 0) {
        if (errno == ENOENT) {
            return std::nullopt;
        }
        return failed(path, "open it");
    }
    struct stat about{};
    if (::fstat(file.get(), &about) != 0) {
        return failed(path, "look at it");
    }
    if (!S_ISREG(about.st_mode) || (about.st_mode & 077U) != 0) {
        return fail(Code::refused, path +
                                       ": expected a regular file that only its owner can read "
                                       "(mode 0600)");
    }
    std::string secret(kLongestSecret, '\0');
    const auto size = ::read(file.get(), secret.data(), secret.size());
    if (size < 0) {
        return failed(path, "read it");
    }
    secret.resize(static_cast<std::size_t>(size));
    if (secret.size() < kShortestSecret) {
        return fail(Code::invalid, path + ": expected at least " + std::to_string(kShortestSecret) +
                                       " bytes, found " + std::to_string(secret.size()));
    }
    return secret;
}

Result<> write_whole(const std::string& path, const std::string& content) {
    const File file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file.get() < 0) {
        return failed(path, "create it");
    }
    if (::write(file.get(), content.data(), content.size()) !=
            static_cast<ssize_t>(content.size()) ||
        ::fsync(file.get()) != 0) {
        return failed(path, "write it");
    }
    return {};
}

/// Complete under its name or not there; who comes second keeps what is there.
Result<> create_secret(const std::string& directory, const std::string& path, Random& random) {
    std::array<std::uint8_t, kShortestSecret> bytes{};
    random.fill(bytes);
    const std::string secret(bytes.begin(), bytes.end());
    const std::string draft = path + '.' + to_hex(std::to_string(random.next()));
    auto written = write_whole(draft, to_hex(secret));
    if (written && ::link(draft.c_str(), path.c_str()) != 0 && errno != EEXIST) {
        written = failed(path, "create it");
    }
    ::unlink(draft.c_str());
    const File folder(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (written && (folder.get() < 0 || ::fsync(folder.get()) != 0)) {
        written = failed(directory, "keep what was written");
    }
    return written;
}

}  // namespace

Result<std::string> obtain_token_secret(const config::TokenSettings& settings,
                                        const std::string& state_directory, Random& random) {
    if (!settings.secret.empty()) {
        if (settings.secret.reveal().size() < kShortestSecret) {
            return fail(Code::invalid, "identity.tokens.secret: expected at least " +
                                           std::to_string(kShortestSecret) + " bytes, found " +
                                           std::to_string(settings.secret.reveal().size()));
        }
        return settings.secret.reveal();
    }
    const std::string path = state_directory + '/' + std::string(kFile);
    auto secret = read_secret(path);
    if (secret && !*secret) {
        if (auto created = create_secret(state_directory, path, random); !created) {
            return std::unexpected(created.error());
        }
        secret = read_secret(path);
    }
    if (!secret) {
        return std::unexpected(secret.error());
    }
    if (!*secret) {
        return fail(Code::unavailable, path + ": was removed while it was made");
    }
    return **secret;
}

}  // namespace belfry
