/* A transport that sends back what it reads, in brackets. */
#define NAME "echo-transport"
#include "skeleton.h"

static const bf_route* routes(void* instance, uint64_t* count) {
    static const bf_route all[] = {
        {sizeof(bf_route), 0, STR("GET"), STR("/echo/{name}"), STR("Echo")},
        {sizeof(bf_route), 0, STR(""), STR("/any"), STR("")}};
    (void)instance;
    *count = 2;
    return all;
}
static void* open_link(void* instance, bf_link* link, const bf_request* request) {
    const bf_pair header = {STR("x-path"), request->path};
    (void)instance;
    host->link_upgrade(link, 101, &header, 1);
    return link;
}
static bf_buf* frame(void* instance, const bf_outgoing* message) {
    uint8_t text[64];
    bf_bytes bytes = {text, message->payload.len + 2};
    (void)instance;
    if (message->payload.len > sizeof text - 2) {
        return NULL;
    }
    text[0] = '[';
    memcpy(text + 1, message->payload.ptr, message->payload.len);
    text[bytes.len - 1] = ']';
    return host->buf_make(bytes);
}
static void read_link(void* instance, void* state, bf_bytes bytes) {
    bf_link* link = state;
    bf_outgoing message = {sizeof message, BF_FRAME_TEXT, bytes, {NULL, 0}, {NULL, 0}};
    bf_buf* out = frame(instance, &message);
    host->link_write(link, out);
    host->buf_unref(out);
    host->link_message(link, bytes, 1);
    host->link_alive(link);
    host->link_timer(link, 5);
    host->link_want(link, 6);
    host->link_join(link, str("k"));
    {
        bf_attach attach = {sizeof attach, 0, STR("d"), STR("c"), STR("v"), STR("s"), STR("k"), 0};
        host->link_attach(link, &attach);
        /* As a plugin would that knows no more. */
        attach.size = offsetof(bf_attach, device);
        host->link_attach(link, &attach);
    }
}
static void attached(void* instance, void* state, const bf_attached* result) {
    const bf_bytes body = {(const uint8_t*)result->message.ptr, result->message.len};
    (void)instance;
    host->link_respond(state, result->http_status, NULL, 0, body);
}
static void close_link(void* instance, void* state, uint32_t code, bf_str reason) {
    (void)instance, (void)code, (void)reason;
    host->link_finish(state);
}
static void closed(void* instance, void* state) { (void)instance, (void)state; }

static bf_transport transport = {
    sizeof transport, 0,      routes, open_link, read_link, attached, frame, NULL,
    close_link,       closed, NULL,   NULL,      NULL};

const bf_plugin* belfry_plugin_v1(const bf_host* given) {
    host = given;
    (void)app;
    plugin.kind = BF_KIND_TRANSPORT;
    plugin.table = &transport;
    return &plugin;
}
