/// `kill -9` of the daemon at random moments under load: nothing acknowledged is missing, nobody sees a hole or
/// a repeat. KILLS: how often (8); SEED: of the moments and recipients.
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { surviveCrashes } from './support/crash_run.mjs';
import { Daemon } from './support/daemon.mjs';
import { storages } from './support/storages.mjs';
import { seeded } from './support/wait.mjs';

const KILLS = Number(process.env.KILLS ?? 8);
const SEED = Number(process.env.SEED ?? (Date.now() & 0xffffff));

/// Kills under load, or now and then while the daemon is still starting.
async function killAgainAndAgain(daemon, random) {
    let early = 0;
    for (let kill = 0; kill < KILLS; ++kill) {
        await sleep(50 + random() * 450);
        await daemon.kill();
        if (random() < 0.25) {
            ++early;
            const started = daemon.spawn();
            await sleep(random() * 150);
            started.kill();
            await started.ended();
        }
        await daemon.start();
    }
    return early;
}

for (const { name, profile } of storages) {
    test(`${KILLS} times kill -9 on ${name} under load (SEED=${SEED})`, async () => {
        const daemon = await Daemon.started(await profile());
        const random = seeded(SEED);
        let early = 0;
        const seen = await surviveCrashes(daemon, random, async () => {
            early = await killAgainAndAgain(daemon, random);
        });
        console.log(`kill9 on ${name}: ${KILLS} kills (and ${early} during a start), seed ${SEED}; ${seen}`);
    });
}
