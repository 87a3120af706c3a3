/// Waiting for events, never for time to pass.
import { setTimeout as sleep } from 'node:timers/promises';

/// Only a fault takes so long; sanitizers make everything slower.
export const PATIENCE_MS = process.env.BELFRY_SANITIZE ? 60_000 : 20_000;

/// What `promise` gives, or a failure that says what was awaited.
export async function within(promise, what, limit = PATIENCE_MS) {
    let timer;
    const deadline = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`not within ${limit} ms: ${text(what)}`)), limit);
    });
    try {
        return await Promise.race([promise, deadline]);
    } finally {
        clearTimeout(timer);
    }
}

const text = (what) => (typeof what === 'function' ? what() : what);

/// Asks again until `probe` gives something true: for what announces itself to nobody.
export async function eventually(probe, what, limit = PATIENCE_MS) {
    const until = Date.now() + limit;
    for (;;) {
        const found = await probe();
        if (found) {
            return found;
        }
        if (Date.now() > until) {
            throw new Error(`not within ${limit} ms: ${text(what)}`);
        }
        await sleep(20);
    }
}

/// Someone awaits changes of something; `notify` wakes all who do.
export class Signal {
    #waiting = [];

    notify() {
        for (const wake of this.#waiting.splice(0)) {
            wake();
        }
    }

    async until(condition, what, limit = PATIENCE_MS) {
        const end = Date.now() + limit;
        for (;;) {
            const found = condition();
            if (found) {
                return found;
            }
            const woken = new Promise((resolve) => this.#waiting.push(resolve));
            await within(woken, what, Math.max(1, end - Date.now()));
        }
    }
}

/// Numbers that are the same for the same seed (mulberry32), from 0 to 1.
export function seeded(seed) {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
}
