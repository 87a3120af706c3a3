/* A sound plugin in C, for the files beside this one to spoil in one place each. Define NAME first.
 */
#ifndef BELFRY_TESTS_PLUGINS_SKELETON_H
#define BELFRY_TESTS_PLUGINS_SKELETON_H

#include <belfry/abi.h>

#include <stdlib.h>
#include <string.h>

#define STR(literal) {(literal), sizeof(literal) - 1}

#ifdef __cplusplus
extern "C"
#endif
    __attribute__((visibility("default"))) const bf_plugin*
    belfry_plugin_v1(const bf_host* given);

static const bf_host* host;

static inline bf_str str(const char* text) {
    bf_str result = {text, strlen(text)};
    return result;
}
static inline uint32_t is(bf_str text, const char* word) {
    return text.len == strlen(word) && memcmp(text.ptr, word, text.len) == 0;
}
static inline void complete(bf_done done, uint32_t status, const char* message, const void* value) {
    bf_result result = {sizeof result, status, {message, strlen(message)}, 0};
    done.call(done.ctx, &result, value);
}

static uint32_t always(bf_str config) {
    (void)config;
    return 1;
}
static void* create(bf_env* env, bf_str name, bf_str config) {
    bf_env** instance = (bf_env**)malloc(sizeof *instance);
    (void)name, (void)config;
    *instance = env;
    return instance;
}
static void start(void* instance, bf_done done) {
    (void)instance;
    complete(done, BF_OK, "", NULL);
}
static void drain(void* instance, int64_t deadline, bf_done done) {
    (void)instance, (void)deadline;
    complete(done, BF_OK, "", NULL);
}
static uint32_t apply(void* instance, bf_str config) {
    (void)instance, (void)config;
    return BF_APPLY_RESTART;
}
static void step(void* instance, bf_str name, bf_str input, bf_done done) {
    (void)instance, (void)name;
    complete(done, BF_OK, "", &input);
}

static bf_lifecycle lifecycle = {
    sizeof lifecycle, 0, always, create, start, drain, start, free, apply};
static bf_app app = {sizeof app, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, step};
static bf_plugin plugin = {sizeof plugin,    BF_ABI_MAJOR,
                           BF_ABI_MINOR,     0,
                           BF_KIND_APP,      0,
                           STR(NAME),        STR("1.2.3"),
                           STR("For tests"), STR("{\"type\":\"object\",\"properties\":{}}"),
                           &lifecycle,       &app};

#endif
