/// `kill -9` of PostgreSQL itself, with all its processes, under load: the daemon says that it is not ready,
/// refuses, and goes on when the server is back; nothing acknowledged is missing.
/// KILLS: how often (3); SEED: of the moments and recipients.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { surviveCrashes } from './support/crash_run.mjs';
import { Daemon } from './support/daemon.mjs';
import { request } from './support/http.mjs';
import { Postgres } from './support/postgres.mjs';
import { postgresProfile } from './support/storages.mjs';
import { eventually, seeded } from './support/wait.mjs';

const KILLS = Number(process.env.KILLS ?? 3);
const SEED = Number(process.env.SEED ?? (Date.now() & 0xffffff));

const readiness = async (daemon) => (await request(daemon.admin, 'GET', '/readyz')).status;

test(`${KILLS} times kill -9 of PostgreSQL under load (SEED=${SEED})`, async () => {
    const server = await Postgres.started();
    const daemon = await Daemon.started(postgresProfile(server.address));
    const random = seeded(SEED);
    const seen = await surviveCrashes(daemon, random, async () => {
        for (let kill = 0; kill < KILLS; ++kill) {
            await sleep(100 + random() * 700);
            await server.kill();
            await eventually(async () => (await readiness(daemon)) === 503, 'unreadiness');
            await server.start();
            await eventually(async () => (await readiness(daemon)) === 200, 'readiness');
        }
    });
    assert.equal(daemon.process.exit, null);
    console.log(`kill -9 of PostgreSQL: ${KILLS} kills, seed ${SEED}; ${seen}`);
});
