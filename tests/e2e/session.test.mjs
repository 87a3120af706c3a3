/// Sessions: who gets in, how long one may stay, topics, limits of what a client may do.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { Client } from './support/client.mjs';
import { Daemon } from './support/daemon.mjs';

let daemon;
before(async () => {
    daemon = await Daemon.started({
        limits: { session: { auth_time: '300ms', ping: '1s', pong: '300ms' } },
    });
});

test('the token is taken as header, as subprotocol item and in the first message', async () => {
    const token = await daemon.token('doors');
    for (const by of ['header', 'subprotocol']) {
        const client = new Client(daemon.public, { token, by });
        assert.equal((await client.hello()).user, 'doors');
        assert.equal(client.socket.protocol, 'belfry.v1');
    }
    const late = new Client(daemon.public);
    await late.opened();
    late.send({ op: 'auth', token });
    assert.equal((await late.hello()).user, 'doors');
});

test('a late login resumes, by message and by query', async () => {
    const token = await daemon.token('lately');
    const first = await daemon.attach('lately', { token });
    await first.close();
    await daemon.publish({ to: 'user:lately', title: 'missed' });
    const since = first.messages[0].streams[0].token;

    const byMessage = new Client(daemon.public);
    await byMessage.opened();
    byMessage.send({ op: 'auth', token, since, device: 'd' });
    await byMessage.hello();
    assert.equal((await byMessage.expect('entry')).title, 'missed');

    const byQuery = new Client(daemon.public, { since });
    await byQuery.opened();
    byQuery.send({ op: 'auth', token });
    assert.equal((await byQuery.hello()).streams[0].recovered, true);
    assert.equal((await byQuery.expect('entry')).title, 'missed');
});

test('login and subscribe may be sent in one go', async () => {
    const token = await daemon.token('eager');
    const client = new Client(daemon.public);
    await client.opened();
    client.together(() => {
        // A device's place takes longer to find than the end of a stream.
        client.send({ op: 'auth', token, device: 'phone' });
        client.send({ op: 'subscribe', stream: 'topic:eager', since: 'latest' });
    });
    const hello = await client.hello();
    assert.deepEqual(hello.streams.map((stream) => stream.stream), ['user:eager']);
    assert.equal((await client.expect('subscribed')).stream, 'topic:eager');
    await daemon.publish({ to: ['user:eager', 'topic:eager'], title: 'x' });
    await client.entriesUpTo(2);
    assert.deepEqual(client.entries.map((e) => e.stream).sort(), ['topic:eager', 'user:eager']);
});

test('login and unsubscribe may be sent in one go', async () => {
    const token = await daemon.token('shy');
    const client = new Client(daemon.public);
    await client.opened();
    client.together(() => {
        client.send({ op: 'auth', token });
        client.send({ op: 'subscribe', stream: 'topic:shy' });
        client.send({ op: 'unsubscribe', stream: 'user:shy' });
    });
    await client.hello();
    await client.expect('subscribed');
    await daemon.publish({ to: 'user:shy', title: 'unheard' });
    await daemon.publish({ to: 'topic:shy', title: 'heard' });
    assert.equal((await client.expect('entry')).title, 'heard');
});

test('nothing works before the login', async () => {
    const client = new Client(daemon.public);
    await client.opened();
    client.send({ op: 'subscribe', stream: 'topic:x' });
    const answer = await client.expect('error');
    assert.equal(answer.code, 'unauthenticated');
    assert.equal(answer.about, 'subscribe');
});

test('a client that does not log in in time is cut', async () => {
    const client = new Client(daemon.public);
    assert.deepEqual(await client.ended(), { code: 3500, reason: 'no login in time' });
});

test('a wrong token is 401 with a problem, before the upgrade', async () => {
    const token = await daemon.token('wrong');
    for (const by of ['header', 'subprotocol']) {
        const client = new Client(daemon.public, { token: `${token.slice(0, -2)}xx`, by });
        const refusal = await client.refusal();
        assert.equal(refusal?.status, 401);
        assert.match(refusal.headers['content-type'], /^application\/problem\+json/);
        assert.equal(refusal.headers['www-authenticate'], 'Bearer');
        assert.equal(JSON.parse(refusal.text).status, 401);
    }
});

test('a wrong token in the first message is an error and the end', async () => {
    const client = new Client(daemon.public);
    await client.opened();
    client.send({ op: 'auth', token: 'nonsense' });
    const answer = await client.expect('error');
    assert.equal(answer.code, 'unauthenticated');
    assert.equal((await client.ended()).code, 3500);
});

test('the session ends when its token expires', async () => {
    const token = await daemon.token('brief', { lifetime: '2s' });
    const client = await daemon.attach('brief', { token });
    assert.deepEqual(await client.ended(), { code: 3500, reason: 'the token has expired' });
    // For the sake of other machines' clocks the token itself is taken a little longer.
    const again = new Client(daemon.public, { token });
    assert.equal((await again.ended()).code, 3500);
});

test('topics: subscribe with a position, resume, unsubscribe', async () => {
    const [first] = await daemon.publishAll(
        ['a', 'b', 'c'].map((title) => ({ to: 'topic:news', title })),
    );
    const client = await daemon.attach('fan');
    client.send({ op: 'subscribe', stream: 'topic:news', since: first.places[0].token });
    const subscribed = await client.expect('subscribed');
    assert.equal(subscribed.stream, 'topic:news');
    assert.equal(subscribed.recovered, true);
    assert.equal(subscribed.token, first.places[0].token);
    await client.entriesUpTo(2);
    assert.deepEqual(client.entries.map((e) => e.title), ['b', 'c']);

    client.send({ op: 'subscribe', stream: 'topic:news' });
    await client.until(() => client.messages.some((m) => m.code === 'duplicate'), 'the error');
    client.send({ op: 'unsubscribe', stream: 'topic:news' });
    client.send({ op: 'ping' });
    await client.until(() => client.messages.some((m) => m.op === 'pong'), 'the pong');
    await daemon.publish({ to: 'topic:news', title: 'unheard' });
    await daemon.publish({ to: 'user:fan', title: 'heard' });
    await client.entriesUpTo(3);
    assert.equal(client.entries[2].title, 'heard');
});

test('streams that are none are refused', async () => {
    const client = await daemon.attach('odd');
    for (const stream of ['news', 'topic:', 'room:1', '', 'topic:a b', `topic:${'x'.repeat(201)}`]) {
        client.send({ op: 'subscribe', stream });
        const answer = await client.expect('error');
        assert.equal(answer.about, 'subscribe');
        assert.equal(answer.code, 'invalid');
    }
});

test('ping is answered with pong, in both ways', async () => {
    const client = await daemon.attach('ping');
    client.send({ op: 'ping' });
    await client.expect('pong');
    client.socket.ping('payload');
    await client.until(() => client.pong === 'payload', 'the pong frame');
});

test('a client that answers no ping is cut, one that does is not', async () => {
    const dead = await daemon.attach('dead', { options: { autoPong: false } });
    const alive = await daemon.attach('dead');
    assert.equal((await dead.ended()).code, 3002);
    await daemon.publish({ to: 'user:dead', title: 'still there' });
    assert.equal((await alive.expect('entry')).title, 'still there');
});

test('a message of 1 MiB closes with 1009', async () => {
    const client = await daemon.attach('huge');
    client.send('x'.repeat(1024 * 1024));
    assert.equal((await client.ended()).code, 1009);
});

test('what is not a command is an error, and the session goes on', async () => {
    const client = await daemon.attach('noise');
    for (const text of ['', 'x', '[]', '"ping"', '{"op":"fly"}', '{}', '{"op":7}', '['.repeat(5000)]) {
        client.send(text);
        assert.equal((await client.expect('error')).code, 'invalid', text);
    }
    client.socket.send(Buffer.from([1, 2, 3]));
    await client.expect('error');
    client.send({ op: 'ping' });
    await client.expect('pong');
});

test('text that is not UTF-8 closes with 1007', async () => {
    const client = await daemon.attach('bytes');
    client.socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
    assert.equal((await client.ended()).code, 1007);
});

test('a flood of messages is cut', async () => {
    const client = await daemon.attach('flood');
    for (let count = 0; count < 1000; ++count) {
        client.send('{"op":"ping"}');
    }
    assert.equal((await client.ended()).code, 3501);
});

test('the trusted socket attaches an admin without a token', async () => {
    const { default: WebSocket } = await import('ws');
    const socket = new WebSocket(`ws+unix://${daemon.control.socketPath}:/v1/ws`, ['belfry.v1']);
    const hello = await new Promise((resolve, reject) => {
        socket.on('message', (data) => resolve(JSON.parse(data.toString())));
        socket.on('error', reject);
    });
    assert.equal(hello.op, 'hello');
    assert.deepEqual(hello.streams, []);
    socket.terminate();
});
