/// Keeps a second daemon away from the same database.
#pragma once

#include <string>

namespace belfry::sqlite {

/// An exclusive lock on `path`.lock, held until this ends or the process dies. The file stays.
class LockFile {
public:
    /// Throws sdk::Failure: refused when somebody else holds it, unavailable when it cannot be
    /// made.
    explicit LockFile(const std::string& database);
    ~LockFile();
    LockFile(const LockFile&) = delete;
    LockFile& operator=(const LockFile&) = delete;

private:
    int descriptor_ = -1;
};

}  // namespace belfry::sqlite
