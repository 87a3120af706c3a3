/// One client that stops reading costs its neighbours nothing, and loses nothing itself.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { Daemon } from './support/daemon.mjs';
import { PATIENCE_MS, eventually } from './support/wait.mjs';

const NOTIFICATIONS = 5000;
const BATCH = 100;
const BODY = 'x'.repeat(2048);
const SLOW_CLIENTS = 8;
/// More than the same flood costs without slow clients. Kept for them, it would be twice as much.
const BOUND_BYTES = 6 * 1024 * 1024;

let daemon;
before(async () => (daemon = await Daemon.started({ limits: { session: { stuck: '10m' } } })));

async function fan(name) {
    const client = await daemon.attach(name);
    client.send({ op: 'subscribe', stream: 'topic:flood' });
    await client.expect('subscribed');
    return client;
}

async function flood(from, count) {
    for (let first = from; first < from + count; first += BATCH) {
        await daemon.publishAll(
            Array.from({ length: BATCH }, (_, index) => ({
                to: 'topic:flood', title: String(first + index), body: BODY,
            })),
        );
    }
}

function expectAll(client, first, count) {
    const titles = client.entries.map((entry) => entry.title);
    assert.deepEqual(titles, Array.from({ length: count }, (_, index) => String(first + index)));
}

/// A flood that all of `clients` see the end of: how long it took, and how the daemon's memory grew.
async function measure(clients, from) {
    const before = await daemon.metric('process_resident_memory_bytes');
    const began = Date.now();
    await flood(from, NOTIFICATIONS);
    await Promise.all(clients.map((client) => client.entriesUpTo(from + NOTIFICATIONS)));
    return {
        took: Date.now() - began,
        growth: (await daemon.metric('process_resident_memory_bytes')) - before,
    };
}

test('a client that stops reading', async () => {
    const fast = await Promise.all(['fast1', 'fast2', 'fast3'].map(fan));
    const alone = await measure(fast, 0);

    const slow = await Promise.all(Array.from({ length: SLOW_CLIENTS }, (_, i) => fan(`slow${i}`)));
    slow.forEach((client) => client.socket.pause());
    const beside = await measure(fast, NOTIFICATIONS);
    fast.forEach((client) => expectAll(client, 0, 2 * NOTIFICATIONS));
    const lagged = await daemon.metric('belfry_sessions_lagged_total');

    slow.forEach((client) => client.socket.resume());
    await Promise.all(slow.map((client) => client.entriesUpTo(NOTIFICATIONS)));
    slow.forEach((client) => expectAll(client, NOTIFICATIONS, NOTIFICATIONS));
    console.log(`slow client: ${NOTIFICATIONS} notifications to 3 clients: ${JSON.stringify(alone)}; ` +
        `beside ${SLOW_CLIENTS} slow ones: ${JSON.stringify(beside)}; lagged ${lagged} times`);
    assert.ok(lagged >= SLOW_CLIENTS, 'the clients were not slow enough for this test to mean anything');
    assert.ok(beside.took < 3 * alone.took + 2000, 'the neighbours waited');
    if (!process.env.BELFRY_SANITIZE) {
        assert.ok(beside.growth - alone.growth < BOUND_BYTES, 'memory was kept for slow clients');
    }
});

test('a client that never reads again is cut', async () => {
    const impatient = await Daemon.started({ limits: { session: { stuck: '1s', ping: '1s' } } });
    const client = await impatient.attach('gone');
    client.socket.pause();
    const full = 100;
    for (let round = 0; round < full && (await impatient.metric('belfry_sessions')) === 1; ++round) {
        await impatient.publishAll(
            Array.from({ length: BATCH }, () => ({ to: 'user:gone', body: BODY })),
        );
    }
    await eventually(async () => (await impatient.metric('belfry_sessions')) === 0, 'the cut', 3 * PATIENCE_MS);
});
