/// The broker that BROKER names, as a server of the test's own on a free port.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

import { Process } from './process.mjs';

async function freePort() {
    const server = createServer();
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address();
    await new Promise((resolve) => server.close(resolve));
    return port;
}

/// By name: how a server is started, what it says when it is ready, and the section of a profile.
const known = {
    nats: {
        command: ({ port, folder }) => [
            'nats-server',
            ['--addr', '127.0.0.1', '--port', String(port), '--jetstream', '--store_dir', folder],
        ],
        ready: /Server is ready/,
        section: ({ port }) => ({ plugin: 'nats', config: { servers: [`nats://127.0.0.1:${port}`] } }),
    },
};

const all = [];
after(async () => {
    for (const broker of all) {
        await broker.stop();
        rmSync(broker.folder, { recursive: true, force: true });
    }
});

export class Broker {
    folder = mkdtempSync(join(tmpdir(), 'belfry-broker-'));
    process = null;

    static async started(name = process.env.BROKER ?? 'nats') {
        const broker = new Broker();
        all.push(broker);
        broker.kind = known[name];
        broker.port = await freePort();
        await broker.start();
        return broker;
    }

    get section() {
        return this.kind.section(this);
    }

    async start() {
        this.process = new Process(...this.kind.command(this));
        await this.process.until(
            () => this.process.exit || this.kind.ready.test(this.process.stderr + this.process.stdout),
            'the broker',
        );
        if (this.process.exit) {
            throw new Error(`the broker ended: ${this.process.stderr}`);
        }
    }

    async stop() {
        if (this.process && !this.process.exit) {
            this.process.kill('SIGTERM');
            await this.process.ended();
        }
    }
}
