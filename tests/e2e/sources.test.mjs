/// Events from a broker: through to clients, into the dead letters and out of them again, whatever is killed.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Daemon, expectStatus } from './support/daemon.mjs';
import { request } from './support/http.mjs';
import { Nats, NatsClient } from './support/nats.mjs';
import { run } from './support/process.mjs';
import { Subscriber } from './support/crash_load.mjs';
import { eventually, seeded } from './support/wait.mjs';

const BELFRY = process.env.BELFRY;
const KILLS = Number(process.env.KILLS ?? 5);
const SEED = Number(process.env.SEED ?? (Date.now() & 0xffffff));

/// `source`: keys of the profile's source on top.
function profileOn(server, source = {}) {
    return {
        brokers: { main: { plugin: 'nats', config: { servers: [server.url] } } },
        sources: {
            orders: {
                broker: 'main',
                config: {
                    stream: 'ORDERS', durable: 'belfry', subjects: ['orders.>'], topology: 'declare',
                    retry: { limit: 3, first: '100ms' }, ...source.config,
                },
                ...source.keys,
            },
        },
    };
}

async function onNats(source) {
    const server = await Nats.started();
    const daemon = await Daemon.started(profileOn(server, source));
    return { server, daemon, nats: new NatsClient(server) };
}

async function belfry(daemon, ...args) {
    const done = await run(BELFRY, ['--socket', daemon.control.socketPath, ...args]);
    assert.equal(done.exit.code, 0, done.stderr);
    return done;
}

async function deadLetters(daemon, ...args) {
    const { stdout } = await belfry(daemon, '--json', 'dead-letters', 'orders', ...args);
    return stdout.split('\n').filter((line) => line).map((line) => JSON.parse(line));
}

const source = async (daemon) =>
    expectStatus(await daemon.asAdmin('GET', '/v1/sources'), 200).json.sources[0];

test('events come through in every mode of their envelope', async () => {
    const { daemon, nats } = await onNats();
    const client = await daemon.attach('alice');
    const next = async () => (await client.expect('entry'));

    await nats.publish('orders.plain', { subject: 'user:alice', 'Nats-Msg-Id': 'p1', 'Content-Type': 'text/plain' }, 'hello');
    const plain = await next();
    assert.equal(plain.body, 'hello');

    await nats.publish('orders.binary', {
        'ce-specversion': '1.0', 'ce-id': 'b%201', 'ce-source': '/shop', 'ce-type': 'order.paid',
        'ce-subject': 'user:alice', 'Content-Type': 'application/json',
    }, '{"title":"Paid","amount":1.50}');
    const binary = await next();
    assert.equal(binary.title, 'Paid');
    assert.equal(binary.type, 'order.paid');
    assert.ok(binary.raw.includes('"amount":1.50'), 'byte for byte');

    await nats.publish('orders.structured', { 'Content-Type': 'application/cloudevents+json' }, JSON.stringify({
        specversion: '1.0', id: 's1', source: '/shop', type: 'order.sent', subject: 'user:alice',
        data: { title: 'Sent' },
    }));
    assert.equal((await next()).title, 'Sent');

    const mailbox = await daemon.mailbox('alice');
    assert.deepEqual(mailbox.map(({ source, event_id }) => [source, event_id]),
        [['orders/orders.plain', 'p1'], ['/shop', 'b 1'], ['/shop', 's1']]);
});

test('the same event twice is one entry', async () => {
    const { daemon, nats } = await onNats();
    const headers = (id) => ({
        'ce-specversion': '1.0', 'ce-id': id, 'ce-source': '/shop', 'ce-type': 't', 'ce-subject': 'user:alice',
    });
    for (const id of ['1', '1', '2', '1', '3']) {
        await nats.publish('orders.x', headers(id), '');
    }
    await eventually(async () => (await source(daemon)).lag === 0 && (await source(daemon)).in_flight === 0, 'the end');
    assert.deepEqual((await daemon.mailbox('alice')).map((entry) => entry.event_id), ['1', '2', '3']);
});

test('poison does not block, is listed with its reason, and is replayed', async () => {
    const { server, daemon, nats } = await onNats({ keys: { types: ['good'], max_bytes: 1000, plain: { type: 'header:type' } } });
    const client = await daemon.attach('alice');
    const to = (type, more) => ({ subject: 'user:alice', type, 'Content-Type': 'text/plain', ...more });
    await nats.publish('orders.a', to('good', { subject: 'nobody' }), 'secret word');
    await nats.publish('orders.a', to('good'), 'x'.repeat(1001));
    await nats.publish('orders.b', to('later', { 'Nats-Msg-Id': 'L1' }), 'taken later');
    await nats.publish('orders.a', to('good'), Buffer.from([0xff, 0xfe]));
    await nats.publish('orders.a', { 'ce-id': '1', 'ce-specversion': '9' }, '');
    await nats.publish('orders.a', to('good'), 'through');
    assert.equal((await client.expect('entry')).body, 'through');

    const letters = await eventually(async () => {
        const found = await deadLetters(daemon);
        return found.length === 5 && found;
    }, 'five dead letters');
    assert.deepEqual(letters.map((letter) => letter.reason.split(':')[0]).sort(),
        ['oversize', 'refused', 'undecodable', 'undecodable', 'unknown type']);
    const later = letters.find((letter) => letter.id === 'L1');
    assert.equal(later.destination, 'orders.b');
    assert.equal(later.size, 11);
    assert.equal(later.body, undefined, 'only where it is asked for');
    assert.equal((await deadLetters(daemon, '--body')).find((letter) => letter.id === 'L1').body, 'taken later');
    assert.equal((await deadLetters(daemon, '--limit', '2')).length, 2);
    assert.ok(!daemon.process.stderr.includes('secret word'));
    assert.match((await belfry(daemon, 'dead-letters', 'orders')).stdout, /L1 +unknown type: .*orders\.b, 1 attempts, 11 bytes/);
    const { text } = await request(daemon.admin, 'GET', '/metrics');
    assert.match(text, /belfry_source_rejected_total\{reason="undecodable",source="orders"\} 2/);

    // What died again is left alone: the command ends.
    const { stdout } = await belfry(daemon, 'replay', 'orders');
    assert.equal(stdout, '5 messages replayed\n');
    await eventually(async () => (await deadLetters(daemon)).length === 5, 'them to die again');

    await daemon.stop();
    daemon.profile.sources = profileOn(server).sources;
    await daemon.start();
    const again = await daemon.attach('alice', { since: 'latest' });
    await belfry(daemon, 'replay', 'orders');
    const bodies = [(await again.expect('entry')).body, (await again.expect('entry')).body];
    assert.deepEqual(bodies.map((body) => body.slice(0, 11)).sort(), ['taken later', 'xxxxxxxxxxx']);
    await eventually(async () => (await deadLetters(daemon)).length === 3, 'the others to die again');
});

/// Loads and subscribers, which would go on for ever where a test fails.
const running = [];
after(() => Promise.allSettled(running.map((one) => one.stop())));

function keep(one) {
    running.push(one);
    return one;
}

const follow = async (daemon) => keep(new Subscriber(daemon, 'alice', await daemon.token('alice')));

/// Publishes numbered events for alice, one after the other, each until the stream has it.
class Load {
    count = 0;
    #is_stopped = false;

    constructor(nats, name) {
        this.done = this.#run(nats, name);
        this.done.catch(() => {});
    }

    stop() {
        this.#is_stopped = true;
        return this.done;
    }

    async #run(nats, name) {
        while (!this.#is_stopped) {
            const id = `${name}-${this.count}`;
            await nats.publish('orders.load', {
                'Nats-Msg-Id': id, 'ce-specversion': '1.0', 'ce-id': id, 'ce-source': '/load',
                'ce-type': 't', 'ce-subject': 'user:alice', 'Content-Type': 'application/json',
            }, JSON.stringify({ title: id }));
            ++this.count;
        }
    }
}

/// Every event once, and what the client saw is what is there, in its order.
async function checkLoad(daemon, loads, subscriber) {
    const expected = loads.reduce((sum, load) => sum + load.count, 0);
    const read = async () => (await daemon.mailbox('alice')).map((entry) => entry.title);
    let titles = [];
    await eventually(async () => {
        const { lag, in_flight } = await source(daemon);
        titles = lag === 0 && in_flight === 0 ? await read() : [];
        return titles.length >= expected;
    }, () => `${expected} events; ${titles.length} have come`, 40_000);
    assert.equal(new Set(titles).size, titles.length, 'none is there twice');
    assert.equal(titles.length, expected, 'none is missing');
    await subscriber.signal.until(() => subscriber.entries.length >= titles.length,
        () => `${subscriber.entries.length} of ${titles.length}`, 60_000);
    await subscriber.stop();
    assert.deepEqual(subscriber.entries.map((entry) => entry.title), titles);
    assert.deepEqual(subscriber.faults, []);
    assert.equal((await deadLetters(daemon)).length, 0);
    return { expected };
}

test(`${KILLS} times kill -9 of the daemon under load loses nothing (SEED=${SEED})`, async () => {
    const { daemon, nats, server } = await onNats({ config: { ack_wait: '2s' } });
    const random = seeded(SEED);
    const subscriber = await follow(daemon);
    const loads = ['a', 'b', 'c'].map((name) => keep(new Load(new NatsClient(server), name)));
    for (let kill = 0; kill < KILLS; ++kill) {
        await sleep(200 + random() * 800);
        await daemon.kill();
        await daemon.start();
    }
    await Promise.all(loads.map((load) => load.stop()));
    nats.close();
    const { expected } = await checkLoad(daemon, loads, subscriber);
    assert.ok(expected > 0);
    console.log(`kill -9: ${expected} events`);
});

for (const how of ['stop', 'kill']) {
    test(`${how} of the broker under load: each entry once and in order`, async () => {
        const { daemon, server } = await onNats({ config: { ack_wait: '2s' } });
        const subscriber = await follow(daemon);
        const loads = ['a', 'b'].map((name) => keep(new Load(new NatsClient(server), name)));
        for (let round = 0; round < 3; ++round) {
            await sleep(500);
            await server[how]();
            await eventually(async () => (await request(daemon.admin, 'GET', '/readyz')).status === 503,
                'the daemon to say that its broker is gone');
            assert.match((await request(daemon.admin, 'GET', '/readyz')).text, /^\[-\]plugin main failed: .*down/m);
            await server.start();
            await eventually(async () => (await request(daemon.admin, 'GET', '/readyz')).status === 200,
                'the daemon to be ready again');
        }
        await Promise.all(loads.map((load) => load.stop()));
        const { expected } = await checkLoad(daemon, loads, subscriber);
        assert.equal(subscriber.attaches, 1, 'the client noticed nothing');
        console.log(`${how}: ${expected} events`);
    });
}

test('SIGTERM under load settles what it has committed', async () => {
    const { daemon, server } = await onNats({ config: { ack_wait: '2s' } });
    const subscriber = await follow(daemon);
    const load = keep(new Load(new NatsClient(server), 'a'));
    for (let round = 0; round < 3; ++round) {
        await sleep(400);
        assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
        await daemon.start();
    }
    await load.stop();
    await checkLoad(daemon, [load], subscriber);
});

test('an optional broker that is away leaves its sources out, and says so', async () => {
    const server = await Nats.started();
    await server.stop();
    const profile = profileOn(server);
    profile.brokers.main.required = false;
    const daemon = await Daemon.started(profile);
    const { text } = await request(daemon.admin, 'GET', '/readyz?verbose');
    assert.match(text, /^\[\+\]source orders ok: \S+/m);
    assert.equal((await source(daemon)).state, 'waiting');
    assert.match((await belfry(daemon, 'sources')).stdout, /^orders +main +waiting +- +- +-  \S+/m);
});

test('what is deleted at the broker is told in /readyz', async () => {
    const { daemon, nats } = await onNats();
    await nats.api('STREAM.DELETE.ORDERS');
    await eventually(async () => {
        const { text } = await request(daemon.admin, 'GET', '/readyz?verbose');
        return /^\[.\]plugin main .*orders/m.test(text) || (await daemon.asAdmin('GET', '/v1/sources')).json.sources[0].connected;
    }, 'the source to be named or healed');
    await eventually(async () => (await source(daemon)).connected, 'the source to be healed');
    await nats.publish('orders.a', { subject: 'user:alice', 'Content-Type': 'text/plain' }, 'hi');
    await eventually(async () => (await daemon.mailbox('alice')).length === 1, 'the event');
});

test('what the broker does not have stops the start with its name', async () => {
    const server = await Nats.started();
    const daemon = new Daemon(profileOn(server, { config: { topology: 'verify' } }));
    const { exit, stderr } = await daemon.spawn().ended();
    assert.notEqual(exit.code, 0);
    assert.match(stderr, /error: start failed.*source orders: .*ORDERS/);
});

test('a source on the memory broker is there and listed', async () => {
    const daemon = await Daemon.started({
        brokers: { main: { plugin: 'memory' } },
        sources: { orders: { broker: 'main', config: { destination: 'orders.>' } } },
    });
    const found = await source(daemon);
    assert.deepEqual([found.name, found.broker, found.state, found.lag], ['orders', 'main', 'running', 0]);
    assert.match((await request(daemon.admin, 'GET', '/readyz?verbose')).text, /^\[\+\]source orders ok$/m);
    assert.equal(expectStatus(await daemon.asAdmin('GET', '/v1/sources/none/dead-letters'), 404).status, 404);
    assert.match((await belfry(daemon, 'replay', 'orders')).stdout, /^0 messages replayed$/m);
});

for (const [name, text, expected] of [
    ['an unknown key', 'config:\n      destintion: x', /^FILE:6:7: sources\.a\.config\.destintion: .*did you mean "destination"/],
    ['a missing key', 'config: {}', /^FILE:5:\d+: sources\.a\.config.*destination/],
    ['a wrong duration', 'config: {destination: x, retry: {first: soon}}', /^FILE:5:\d+: sources\.a\.config\.retry\.first: expected/],
    ['a wrong place', 'plain: {id: body}', /^FILE:5:\d+: sources\.a\.plain\.id: expected/],
]) {
    test(`check refuses ${name} of a source with file, line and column`, async () => {
        const daemon = new Daemon();
        writeFileSync(daemon.file, `brokers: {main: {plugin: memory}}\nsources:\n  a:\n    broker: main\n    ${text}\n`);
        const done = await Daemon.run('check', daemon.file);
        assert.equal(done.exit.code, 78, done.stdout);
        assert.match(done.stderr.replaceAll(daemon.file, 'FILE'), expected);
    });
}
