/// What a new user does first: register, log in, attach, send, be away, come back.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { before, test } from 'node:test';

import { Client } from './support/client.mjs';
import { Daemon, expectStatus } from './support/daemon.mjs';

let daemon;
before(async () => (daemon = await Daemon.started()));

async function register(name, password) {
    const body = { name, password };
    expectStatus(await daemon.asAdmin('POST', '/v1/users', { body }), 201);
    const login = await daemon.api('POST', '/v1/login', { body });
    return expectStatus(login, 200).json.token;
}

test('a notification arrives at a client that is there', async () => {
    const token = await register('alice', 'correct horse');
    const client = await daemon.attach('alice', { token });
    const producer = await daemon.token('shop', { roles: ['producer'] });
    const sent = await daemon.api('POST', '/v1/notifications', {
        token: producer,
        body: { to: 'user:alice', type: 'order', title: 'Shipped', body: 'On its way', priority: 3 },
    });
    const [place] = expectStatus(sent, 201).json.places;

    const entry = await client.expect('entry');
    assert.equal(entry.stream, 'user:alice');
    assert.equal(entry.token, place.token);
    assert.equal(entry.id, sent.json.id);
    assert.equal(entry.type, 'order');
    assert.equal(entry.title, 'Shipped');
    assert.equal(entry.body, 'On its way');
    assert.equal(entry.priority, 3);
    assert.ok(Math.abs(Date.now() - entry.at) < 60_000);
});

test('hello names protocol, user and a token, even of an empty mailbox', async () => {
    const token = await register('empty', 'correct horse');
    const client = new Client(daemon.public, { token });
    const hello = await client.hello();
    assert.equal(client.socket.protocol, 'belfry.v1');
    assert.equal(hello.protocol, 'belfry.v1');
    assert.equal(hello.user, 'empty');
    assert.equal(hello.streams.length, 1);
    const [stream] = hello.streams;
    assert.equal(stream.stream, 'user:empty');
    assert.match(stream.token, /^\S+\.\S+$/);
    assert.equal(stream.recovered, true);
    assert.equal(stream.head, 0);
    assert.equal(stream.unread, 0);
});

test('what is sent while a client is away arrives when it is back', async () => {
    const token = await register('bob', 'correct horse');
    const first = await daemon.attach('bob', { token });
    await daemon.publish({ to: 'user:bob', title: 'one' });
    const seen = (await first.expect('entry')).token;
    await first.close();
    await daemon.publishAll(['two', 'three'].map((title) => ({ to: 'user:bob', title })));

    const second = new Client(daemon.public, { token, since: seen });
    const [stream] = (await second.hello()).streams;
    assert.equal(stream.recovered, true);
    assert.equal(stream.token, seen);
    assert.equal((await second.expect('entry')).title, 'two');
    assert.equal((await second.expect('entry')).title, 'three');
});

test('plain text is sent with nothing but curl', async () => {
    const client = await daemon.attach('carol');
    const producer = await daemon.token('cron', { roles: ['producer'] });
    const answer = await daemon.api('POST', '/v1/send/carol', {
        token: producer,
        body: 'Hello from curl',
        headers: { 'content-type': 'application/x-www-form-urlencoded', title: 'Hi' },
    });
    expectStatus(answer, 201);
    const entry = await client.expect('entry');
    assert.equal(entry.body, 'Hello from curl');
    assert.equal(entry.title, 'Hi');
});

test('everything is there after a restart', async () => {
    const before = await daemon.mailbox('bob');
    assert.deepEqual(before.map((entry) => entry.title), ['one', 'two', 'three']);
    const login = { body: { name: 'bob', password: 'correct horse' } };
    const token = (await daemon.api('POST', '/v1/login', login)).json.token;
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
    await daemon.start();

    assert.deepEqual(await daemon.mailbox('bob'), before);
    expectStatus(await daemon.api('POST', '/v1/login', login), 200);
    const client = new Client(daemon.public, { token, since: before[0].token });
    assert.equal((await client.hello()).streams[0].recovered, true);
    await client.entriesUpTo(2);
    assert.deepEqual(client.entries.map((entry) => entry.token), before.slice(1).map((e) => e.token));
});

test('nothing is written outside the state directory', () => {
    assert.deepEqual(readdirSync(daemon.elsewhere), []);
    assert.ok(readdirSync(daemon.state).length > 0);
});
