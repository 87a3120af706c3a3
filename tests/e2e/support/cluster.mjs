/// Several daemons over one storage with a bus between them, and a face that looks like one daemon.
import { Daemon } from './daemon.mjs';
import { sharedPostgres } from './postgres.mjs';
import { postgresProfile } from './storages.mjs';

const SECRET = 'a secret that all nodes of the test share, and nobody else';

/// `sections`: of the profile, for all nodes alike.
export class Cluster {
    nodes = [];
    #turn = 0;

    static async started(count, sections) {
        const cluster = new Cluster();
        const shared = {
            ...postgresProfile(sharedPostgres()),
            identity: { passwords: { memory: '64KiB', passes: 1 }, tokens: { secret: SECRET } },
            ...sections,
        };
        for (let number = 1; number <= count; ++number) {
            cluster.nodes.push(new Daemon({ ...shared, node: `node-${number}` }));
        }
        // The first makes the tables.
        for (const node of cluster.nodes) {
            await node.start();
        }
        return cluster;
    }

    async remove() {
        await Promise.all(this.nodes.map((node) => node.remove()));
    }

    get #alive() {
        const alive = this.nodes.filter((node) => node.process && !node.process.exit && node.public);
        return alive[this.#turn++ % alive.length];
    }

    // ---- as one daemon: each call goes to another node --------------------------------------------------

    get public() {
        return this.#alive.public;
    }

    asAdmin(...args) {
        return this.#alive.asAdmin(...args);
    }

    token(...args) {
        return this.#alive.token(...args);
    }

    mailbox(...args) {
        return this.#alive.mailbox(...args);
    }

    attach(...args) {
        return this.#alive.attach(...args);
    }
}
