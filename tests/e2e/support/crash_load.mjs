/// Publishers and subscribers that live through crashes, and remember what they were promised.
import { setTimeout as sleep } from 'node:timers/promises';

import { Client } from './client.mjs';
import { Signal } from './wait.mjs';

/// Publishes numbered notifications, one after the other. With keys, each is tried again until it is
/// answered; without, what had no answer may be there or not.
export class Publisher {
    /// title -> [{stream, token, seq}] of everything that was answered with 2xx.
    acknowledged = new Map();
    attempted = 0;
    duplicates = 0;
    retries = 0;
    #is_stopped = false;

    constructor(daemon, name, streams, random, has_keys) {
        Object.assign(this, { daemon, name, streams, random, has_keys });
        this.done = this.#run();
    }

    stop() {
        this.#is_stopped = true;
        return this.done;
    }

    async #run() {
        while (!this.#is_stopped) {
            const number = this.attempted++;
            const body = { to: this.#recipients(), title: `${this.name}-${number}` };
            if (this.has_keys) {
                Object.assign(body, { source: this.name, event_id: String(number) });
            }
            await this.#publish(body);
        }
    }

    #recipients() {
        const first = Math.floor(this.random() * this.streams.length);
        const next = (first + 1) % this.streams.length;
        return this.random() < 0.3 ? [this.streams[first], this.streams[next]] : this.streams[first];
    }

    /// Until it is answered; the load only ends once the last one is.
    async #publish(body) {
        for (;;) {
            const answer = await this.daemon
                .asAdmin('POST', '/v1/notifications', { body })
                .catch(() => undefined);
            if (answer && (answer.status === 200 || answer.status === 201)) {
                this.duplicates += answer.json.duplicate ? 1 : 0;
                this.acknowledged.set(body.title, answer.json.places);
                return;
            }
            if (answer && answer.status !== 503) {
                throw new Error(`${body.title} was answered with ${answer.status}: ${answer.text}`);
            }
            await sleep(5);
            if (!this.has_keys) {
                return;
            }
            ++this.retries;
        }
    }
}

/// Follows a stream over as many connections as it takes, from the token of the last entry it has seen.
export class Subscriber {
    entries = [];
    attaches = 0;
    faults = [];
    signal = new Signal();
    #token;
    #is_stopped = false;

    constructor(daemon, user, credential, topic) {
        Object.assign(this, { daemon, user, credential, topic });
        this.stream = topic ?? `user:${user}`;
        this.done = this.#run();
    }

    async stop() {
        this.#is_stopped = true;
        this.client?.terminate();
        await this.done;
    }

    async #run() {
        while (!this.#is_stopped) {
            await this.#follow().catch(() => {});
            await sleep(5);
        }
    }

    async #follow() {
        if (!this.daemon.public) {
            return;
        }
        const since = this.topic ? undefined : (this.#token ?? 'earliest');
        this.client = new Client(this.daemon.public, { token: this.credential, since });
        this.client.onMessage = (message) => this.#take(message);
        await this.client.ended(600_000);
    }

    #take(message) {
        if (message.op === 'hello' && this.topic) {
            const since = this.#token ?? 'earliest';
            this.client.send({ op: 'subscribe', stream: this.topic, since });
        } else if (message.op === 'hello') {
            this.#position(message.streams[0]);
        } else if (message.op === 'subscribed') {
            this.#position(message);
        } else if (message.op === 'entry' && message.stream === this.stream) {
            this.entries.push({ token: message.token, title: message.title });
            this.#token = message.token;
            this.signal.notify();
        } else if (message.op === 'lost' || message.op === 'error') {
            this.faults.push(message.raw);
        }
    }

    #position(position) {
        ++this.attaches;
        const seq = (token) => token.split('.')[1];
        if (!position.recovered || (this.#token && seq(position.token) !== seq(this.#token))) {
            this.faults.push(`resumed from ${this.#token} with ${JSON.stringify(position)}`);
        }
        this.#token = position.token;
        this.signal.notify();
    }
}
