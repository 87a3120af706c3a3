/// The storages that a test is run on: all of them, or the one that STORAGE names.
import { sharedPostgres } from './postgres.mjs';

let schemas = 0;

const known = [
    { name: 'sqlite', profile: () => ({}) },
    {
        name: 'postgresql',
        profile: () => postgresProfile(sharedPostgres()),
    },
];

export const storages = known.filter(({ name }) => name === (process.env.STORAGE ?? name));

/// The section `storage` of a profile, with a schema of its own in the server.
export function postgresProfile(connection) {
    const schema = `e2e_${process.pid}_${++schemas}`;
    return { storage: { plugin: 'postgresql', config: { connection, schema } } };
}
