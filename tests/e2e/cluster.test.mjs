/// Three nodes over one PostgreSQL and the broker that BROKER names: one system.
/// KILLS: how often a node is killed (5); SEED: of the moments.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Broker } from './support/broker.mjs';
import { Client } from './support/client.mjs';
import { Cluster } from './support/cluster.mjs';
import { surviveCrashes } from './support/crash_run.mjs';
import { request } from './support/http.mjs';
import { eventually, seeded } from './support/wait.mjs';

const KILLS = Number(process.env.KILLS ?? 5);
const SEED = Number(process.env.SEED ?? (Date.now() & 0xffffff));
/// The sweep alone takes longer: what arrives within this came by the bus.
const QUICK_MS = 3000;

let broker;
let cluster;
before(async () => {
    broker = await Broker.started();
    cluster = await Cluster.started(3, {
        brokers: { main: broker.section },
        bus: { broker: 'main' },
        presence: { enabled: true, offline_after: '1s', lease: '3s' },
    });
    await eventually(
        async () => (await Promise.all(cluster.nodes.map((node) => node.metric('belfry_bus_peers')))).every((n) => n === 2),
        'all nodes hear each other',
    );
});
after(() => cluster.remove());

const readiness = (node) => request(node.admin, 'GET', '/readyz?verbose');

test('what is published at one node arrives at another, by the bus', async () => {
    const [one, two] = cluster.nodes;
    const client = await two.attach('alice');
    for (let number = 1; number <= 20; ++number) {
        await one.publish({ to: 'user:alice', title: `n${number}` });
        await client.entriesUpTo(number, QUICK_MS);
    }
    // Too big for the bus, which only tells of it.
    await one.publish({ to: 'user:alice', title: 'big', body: 'x'.repeat(40_000) });
    const entries = await client.entriesUpTo(21, QUICK_MS);
    assert.deepEqual(
        entries.map((entry) => entry.title),
        [...Array.from({ length: 20 }, (_, index) => `n${index + 1}`), 'big'],
    );
    assert.equal(await two.metric('belfry_bus_rejected_total'), 0);
    await client.close();
});

test('a client that goes from node to node gets each entry once, in order', async () => {
    const token = await cluster.token('walker');
    const count = 300;
    let published = false;
    const publishing = (async () => {
        for (let number = 0; number < count; ++number) {
            await cluster.nodes[number % 3].publish({ to: 'user:walker', title: `w${number}` });
        }
        published = true;
    })();
    const titles = [];
    let since = 'earliest';
    for (let visit = 0; titles.length < count; ++visit) {
        const client = new Client(cluster.nodes[visit % 3].public, { token, since });
        client.onMessage = (message) => {
            if (message.op === 'entry') {
                titles.push(message.title);
                since = message.token;
            }
        };
        const hello = await client.hello();
        assert.equal(hello.streams[0].recovered, true);
        const enough = titles.length + 1 + (visit * 7) % 20;
        await client.until(() => titles.length >= Math.min(enough, count), 'some entries');
        client.onMessage = null;
        client.terminate();
        assert.ok(published || visit < 10 * count);
    }
    await publishing;
    assert.deepEqual([...new Set(titles)].length, count, 'each once');
    const stored = (await cluster.mailbox('walker')).map((entry) => entry.title);
    assert.deepEqual(titles, stored);
});

test('without the broker entries arrive all the same, and nobody is unready', async () => {
    const [one, two] = cluster.nodes;
    const client = await two.attach('bob');
    await broker.stop();
    await eventually(
        async () => /\[\+\]bus ok: degraded: /.test((await readiness(two)).text),
        'the bus is degraded',
    );
    assert.equal((await readiness(two)).status, 200);
    for (let number = 1; number <= 5; ++number) {
        await one.publish({ to: 'user:bob', title: `n${number}` });
        await client.entriesUpTo(number, QUICK_MS);
    }
    await broker.start();
    await eventually(
        async () => !/bus ok: degraded/.test((await readiness(two)).text),
        'the bus is well again',
        60_000,
    );
    const begin = Date.now();
    await one.publish({ to: 'user:bob', title: 'after' });
    await client.entriesUpTo(6, QUICK_MS);
    console.log(`after the broker was back: ${Date.now() - begin} ms`);
    assert.deepEqual(client.entries.map((entry) => entry.title).slice(0, 5), ['n1', 'n2', 'n3', 'n4', 'n5']);
    await client.close();
});

test('presence: one event for each change, also when the node dies', async () => {
    const [one, two] = cluster.nodes;
    const events = [];
    const watcher = await one.attach('watcher');
    watcher.onMessage = (message) => {
        if (message.op === 'entry' && message.stream === 'topic:presence' && message.data.user === 'carol') {
            events.push(message.type);
        }
    };
    watcher.send({ op: 'subscribe', stream: 'topic:presence' });
    await watcher.until(() => watcher.messages.some((message) => message.op === 'subscribed'), 'subscribed');
    const token = await one.token('carol');
    const presence = async (node, by = token) =>
        (await node.api('GET', '/v1/presence/carol', { token: by }));
    assert.deepEqual((await presence(one)).json, { user: 'carol', online: false, nodes: [] });
    assert.equal((await presence(one, await one.token('bob'))).status, 403);

    for (let reload = 0; reload < 10; ++reload) {
        const page = await two.attach('carol', { token });
        await page.close();
    }
    await two.attach('carol', { token });
    await watcher.until(() => events.length >= 1, 'online');
    await sleep(2000); // an offline that must not come would have come
    assert.deepEqual(events, ['belfry.user.online']);
    const seen = (await presence(one)).json;
    assert.deepEqual([seen.online, seen.nodes], [true, ['node-2']]);

    await two.kill();
    await watcher.until(() => events.length >= 2, 'offline', 20_000);
    await sleep(3000);
    assert.deepEqual(events, ['belfry.user.online', 'belfry.user.offline']);
    assert.equal((await presence(one)).json.online, false);
    await two.start();
    await watcher.close();
});

test(`${KILLS} times kill -9 of a node under load (SEED=${SEED})`, async () => {
    const random = seeded(SEED);
    const seen = await surviveCrashes(cluster, random, async () => {
        for (let kill = 0; kill < KILLS; ++kill) {
            await sleep(500 + random() * 1500);
            const node = cluster.nodes[kill % cluster.nodes.length];
            await node.kill();
            await sleep(random() * 1000);
            await node.start();
        }
    });
    console.log(`cluster: ${KILLS} kills, seed ${SEED}; ${seen}`);
});
