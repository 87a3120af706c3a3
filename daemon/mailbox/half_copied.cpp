#include "daemon/mailbox/half_copied.hpp"

#include <string>
#include <utility>

namespace belfry {

void refuse_half_copied(Storage& storage, Executor& home, Callback<> done) {
    storage.get(std::string(kMigrationCollection), std::string(kMigrationDocument), home,
                [done = std::move(done)](const Result<Document>& document) mutable {
                    if (document) {
                        done(fail(Code::refused,
                                  "storage: a migration into it has not ended; run the same "
                                  "belfry migrate again"));
                    } else if (document.error().code == Code::not_found) {
                        done({});
                    } else {
                        done(std::unexpected(document.error()));
                    }
                });
}

}  // namespace belfry
