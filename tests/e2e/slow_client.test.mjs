/// One client that stops reading costs its neighbours nothing, and loses nothing itself.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { Daemon } from './support/daemon.mjs';
import { PATIENCE_MS } from './support/wait.mjs';

const NOTIFICATIONS = 5000;
const BATCH = 100;
const BODY = 'x'.repeat(1024);
/// Had each slow client a queue of its own, it would hold five times as much.
const SLOW_CLIENTS = 8;
const BOUND_BYTES = 12 * 1024 * 1024;

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

function expectAll(client, count) {
    const titles = client.entries.map((entry) => entry.title);
    assert.deepEqual(titles, Array.from({ length: count }, (_, index) => String(index)));
}

test('a client that stops reading', async () => {
    const fast = await Promise.all(['fast1', 'fast2', 'fast3'].map(fan));
    // Caches and buffers get their size first.
    await flood(0, 1000);
    await Promise.all(fast.map((client) => client.entriesUpTo(1000)));
    const before = await daemon.metric('process_resident_memory_bytes');

    const slow = await Promise.all(Array.from({ length: SLOW_CLIENTS }, (_, i) => fan(`slow${i}`)));
    slow.forEach((client) => client.socket.pause());
    const began = Date.now();
    await flood(1000, NOTIFICATIONS);
    await Promise.all(fast.map((client) => client.entriesUpTo(1000 + NOTIFICATIONS)));
    const took = Date.now() - began;
    fast.forEach((client) => expectAll(client, 1000 + NOTIFICATIONS));
    const growth = (await daemon.metric('process_resident_memory_bytes')) - before;
    const lagged = await daemon.metric('belfry_sessions_lagged_total');

    slow.forEach((client) => client.socket.resume());
    await Promise.all(slow.map((client) => client.entriesUpTo(NOTIFICATIONS)));
    for (const client of slow) {
        const titles = client.entries.map((entry) => entry.title);
        assert.deepEqual(titles, Array.from({ length: NOTIFICATIONS }, (_, i) => String(1000 + i)));
    }
    console.log(`slow client: ${took} ms for ${NOTIFICATIONS} notifications to 3 fast clients beside ` +
        `${SLOW_CLIENTS} slow ones; memory grew by ${growth} bytes; lagged ${lagged} times`);
    assert.ok(lagged >= 1, 'no client was slow enough for this test to mean anything');
    assert.ok(took < PATIENCE_MS, `the neighbours waited ${took} ms`);
    if (!process.env.BELFRY_SANITIZE) {
        assert.ok(growth < BOUND_BYTES, `memory grew by ${growth} bytes`);
    }
});

test('a client that never reads again is cut', async () => {
    const impatient = await Daemon.started({ limits: { session: { stuck: '1s', ping: '1s' } } });
    const client = await impatient.attach('gone');
    client.socket.pause();
    const full = 100;
    for (let round = 0; round < full && (await impatient.metric('belfry_sessions')) === 1; ++round) {
        await impatient.publishAll(
            Array.from({ length: BATCH }, () => ({ to: 'user:gone', body: BODY + BODY })),
        );
    }
    const { eventually } = await import('./support/wait.mjs');
    await eventually(async () => (await impatient.metric('belfry_sessions')) === 0, 'the cut');
});
