// Breaks rules of the ABI on request: of the life cycle by its configuration, of calls by a step's
// name.
#define NAME "rogue"
#include "skeleton.h"

#include <pthread.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace {

struct Rogue {
    bf_env* env = nullptr;
    std::string config;
    std::vector<bf_done> kept;
    std::vector<pthread_t> threads;

    [[nodiscard]] bool wants(const char* what) const {
        return config.find(what) != std::string::npos;
    }
};

/// Whatever is never destroyed is at least not lost, to the very end of the process.
std::vector<Rogue*>& all() {
    static auto& rogues = *new std::vector<Rogue*>;
    return rogues;
}

Rogue& self(void* instance) { return *static_cast<Rogue*>(instance); }

std::string text(bf_str from) { return {from.ptr, from.len}; }

uint32_t check(bf_str config) {
    if (text(config).find(R"("check":"refuse")") != std::string::npos) {
        host->fail(host, str("the moon is not full"));
        return 0;
    }
    if (text(config).find(R"("check":"throw")") != std::string::npos) {
        throw std::runtime_error("check");
    }
    return 1;
}

void* make(bf_env* env, bf_str /*name*/, bf_str config) {
    if (text(config).find(R"("create":"refuse")") != std::string::npos) {
        host->fail(host, str("no room"));
        return nullptr;
    }
    if (text(config).find(R"("create":"silent")") != std::string::npos) {
        return nullptr;
    }
    if (text(config).find(R"("create":"throw")") != std::string::npos) {
        throw std::runtime_error("create");
    }
    auto* rogue = new Rogue{env, text(config), {}, {}};
    all().push_back(rogue);
    return rogue;
}

void begin(void* instance, bf_done done) {
    Rogue& rogue = self(instance);
    if (rogue.wants(R"("start":"fail")")) {
        complete(done, BF_UNAVAILABLE, "no oil in the lamp", nullptr);
    } else if (rogue.wants(R"("start":"throw")")) {
        throw std::runtime_error("start");
    } else if (rogue.wants(R"("start":"never")")) {
        rogue.kept.push_back(done);
    } else {
        if (rogue.wants(R"("health":"degraded")")) {
            host->health(rogue.env, BF_HEALTH_DEGRADED, str("one eye closed"));
        }
        complete(done, BF_OK, "", nullptr);
    }
}

void drain_slowly(void* instance, int64_t /*deadline*/, bf_done done) {
    if (self(instance).wants(R"("drain":"never")")) {
        self(instance).kept.push_back(done);
    } else {
        complete(done, BF_OK, "", nullptr);
    }
}

void end(void* instance, bf_done done) {
    Rogue& rogue = self(instance);
    for (const pthread_t thread : rogue.threads) {
        pthread_join(thread, nullptr);
    }
    if (rogue.wants(R"("stop":"never")")) {
        rogue.kept.push_back(done);
    } else if (rogue.wants(R"("stop":"fail")")) {
        complete(done, BF_RETRY, "still busy", nullptr);
    } else {
        complete(done, BF_OK, "", nullptr);
    }
}

/// The last chance to do what nobody may do after stop.
void destroy(void* instance) {
    Rogue& rogue = self(instance);
    for (const bf_done& done : rogue.kept) {
        complete(done, BF_OK, "", nullptr);
    }
    if (rogue.wants(R"("destroy":"posts")")) {
        host->post(rogue.env, nullptr, [](void*, std::uint32_t) { abort(); });
        host->timer(rogue.env, 0, nullptr, [](void*, std::uint32_t) { abort(); });
        const bf_call call{sizeof call, 0, str("x"), {}, {}};
        host->call(rogue.env, &call,
                   {nullptr, [](void*, const bf_result*, const void*) { abort(); }});
    }
    std::erase(all(), &rogue);
    delete &rogue;
}

void on_thread(Rogue& rogue, bf_done done) {
    pthread_t thread{};
    pthread_create(
        &thread, nullptr,
        [](void* ctx) -> void* {
            auto* own = static_cast<bf_done*>(ctx);
            const bf_str value = str("from another thread");
            complete(*own, BF_OK, "", &value);
            delete own;
            return nullptr;
        },
        new bf_done(done));
    rogue.threads.push_back(thread);
}

void do_step(void* instance, bf_str name, bf_str input, bf_done done) {
    if (is(name, "twice")) {
        complete(done, BF_OK, "", &input);
        complete(done, BF_OK, "", &input);
    } else if (is(name, "thread")) {
        on_thread(self(instance), done);
    } else if (is(name, "never")) {
        self(instance).kept.push_back(done);
    } else if (is(name, "unknown-status")) {
        complete(done, 77, "what is this", nullptr);
    } else if (is(name, "no-message")) {
        complete(done, BF_NOT_FOUND, "", nullptr);
    } else if (is(name, "no-result")) {
        done.call(done.ctx, nullptr, nullptr);
    } else if (is(name, "no-value")) {
        complete(done, BF_OK, "", nullptr);
    } else if (is(name, "throw")) {
        throw std::runtime_error("step");
    } else if (is(name, "config")) {
        const bf_str value = str(self(instance).config.c_str());
        complete(done, BF_OK, "", &value);
    } else {
        complete(done, BF_OK, "", &input);
    }
}

}  // namespace

extern "C" const bf_plugin* belfry_plugin_v1(const bf_host* given) {
    host = given;
    lifecycle.check = check;
    lifecycle.create = make;
    lifecycle.start = begin;
    lifecycle.drain = drain_slowly;
    lifecycle.stop = end;
    lifecycle.destroy = destroy;
    app.step = do_step;
    plugin.config_schema = str(R"({"type":"object","properties":{
        "check":{"type":"string"},"create":{"type":"string"},"start":{"type":"string"},
        "drain":{"type":"string"},"stop":{"type":"string"},"destroy":{"type":"string"},
        "health":{"type":"string"},
        "wait":{"type":"integer","x-unit":"duration","default":"5s"},
        "secret":{"type":"string","x-secret":true}}})");
    return &plugin;
}
