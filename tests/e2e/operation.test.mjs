/// Running it: health, metrics, the description of the API, and an orderly end.
import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';

import { Daemon, expectStatus } from './support/daemon.mjs';
import { request } from './support/http.mjs';
import { Signal, eventually } from './support/wait.mjs';

test('health, metrics and the description of the API are there', async () => {
    const daemon = await Daemon.started();
    const get = async (where, path) => expectStatus(await request(where, 'GET', path), 200);
    assert.equal((await get(daemon.admin, '/livez')).text, 'ok\n');
    const ready = (await get(daemon.admin, '/readyz?verbose')).text;
    for (const name of ['loops', 'started', 'accepting', 'storage', 'plugin websocket']) {
        assert.match(ready, new RegExp(`^\\[\\+\\]${name} ok$`, 'm'));
    }
    const client = await daemon.attach('metrics');
    await daemon.publish({ to: 'user:metrics', title: 'x' });
    await client.expect('entry');
    assert.equal(await daemon.metric('belfry_sessions'), 1);
    assert.ok((await daemon.metric('belfry_entries_delivered_total')) >= 1);
    assert.ok((await daemon.metric('process_resident_memory_bytes')) > 1e6);

    const document = (await get(daemon.public, '/openapi.json')).json;
    assert.match(document.openapi, /^3\.1\./);
    for (const path of ['/v1/users', '/v1/login', '/v1/notifications', '/v1/mailbox', '/v1/mailbox/read']) {
        assert.ok(document.paths[path], path);
    }
    assert.equal((await request(daemon.public, 'GET', '/metrics')).status, 404);
    assert.equal((await request(daemon.public, 'GET', '/readyz')).status, 404);
});

test('SIGTERM without load ends at once, with 0', async () => {
    const daemon = await Daemon.started();
    const idle = new http.Agent({ keepAlive: true });
    expectStatus(await daemon.api('GET', '/openapi.json', { agent: idle }), 200);
    const began = Date.now();
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
    idle.destroy();
    assert.ok(Date.now() - began < 5000, `took ${Date.now() - began} ms, beside an idle connection`);
});

/// Publishes one after the other until the daemon is gone; what was acknowledged and what was refused.
class Publisher {
    acknowledged = [];
    refused = 0;
    signal = new Signal();

    constructor(daemon, name) {
        this.agent = new http.Agent({ keepAlive: true });
        this.done = this.#run(daemon, name);
    }

    async #run(daemon, name) {
        for (let number = 0; ; ++number) {
            const title = `${name}-${number}`;
            const body = { to: 'user:drain', title };
            const answer = await daemon
                .asAdmin('POST', '/v1/notifications', { body, agent: this.agent })
                .catch((error) => ({ error }));
            if (answer.error) {
                this.agent.destroy();
                return;
            }
            if (answer.status === 201) {
                this.acknowledged.push(title);
                this.signal.notify();
            } else {
                assert.equal(answer.status, 503, answer.text);
                ++this.refused;
            }
        }
    }
}

test('SIGTERM under load: what was acknowledged is stored, sessions are told to go', async () => {
    const daemon = await Daemon.started();
    const clients = await Promise.all([1, 2, 3].map(() => daemon.attach('drain')));
    const publishers = ['a', 'b', 'c', 'd'].map((name) => new Publisher(daemon, name));
    for (const publisher of publishers) {
        await publisher.signal.until(() => publisher.acknowledged.length >= 20, 'load');
    }
    const began = Date.now();
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
    const took = Date.now() - began;
    assert.ok(took < 8000, `the drain took ${took} ms of 10 s`);
    await Promise.all(publishers.map((publisher) => publisher.done));
    for (const client of clients) {
        assert.equal((await client.ended()).code, 3000);
        const goaway = client.messages.find((message) => message.op === 'goaway');
        assert.equal(typeof goaway?.after_ms, 'number');
    }

    await daemon.start();
    const stored = await daemon.mailbox('drain');
    const titles = new Set(stored.map((entry) => entry.title));
    assert.equal(titles.size, stored.length);
    for (const title of publishers.flatMap((publisher) => publisher.acknowledged)) {
        assert.ok(titles.has(title), `${title} was acknowledged and is not there`);
    }
    for (const client of clients) {
        const since = client.entries.at(-1).token;
        const again = await daemon.attach('drain', { since });
        assert.equal(again.messages[0].streams[0].recovered, true);
        await again.entriesUpTo(stored.length - client.entries.length);
        const all = [...client.entries, ...again.entries].map((entry) => entry.token);
        assert.deepEqual(all, stored.map((entry) => entry.token));
    }
});

test('a client that does not go is cut, and the end is in time', async () => {
    const daemon = await Daemon.started({ shutdown: { timeout: '2s' } });
    const stubborn = await daemon.attach('stubborn');
    stubborn.socket.pause();
    const began = Date.now();
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
    assert.ok(Date.now() - began < 6000, `took ${Date.now() - began} ms`);
});

test('not ready is said before the doors close', async () => {
    const daemon = await Daemon.started({ shutdown: { delay: '3s', timeout: '2s' } });
    daemon.process.kill('SIGTERM');
    const answer = await eventually(async () => {
        const ready = await request(daemon.admin, 'GET', '/readyz');
        return ready.status === 503 && ready;
    }, '/readyz to fail');
    assert.match(answer.text, /^\[-\]accepting failed: shutting down$/m);
    await daemon.publish({ to: 'user:late', title: 'still taken' });
    assert.deepEqual((await daemon.process.ended()).exit, { code: 0, signal: null });
});

test('a second SIGTERM hurries', async () => {
    const daemon = await Daemon.started({ shutdown: { delay: '60s', timeout: '60s' } });
    daemon.process.kill('SIGTERM');
    await eventually(
        async () => (await request(daemon.admin, 'GET', '/readyz')).status === 503,
        '/readyz to fail',
    );
    daemon.process.kill('SIGTERM');
    assert.deepEqual((await daemon.process.ended()).exit, { code: 0, signal: null });
});
