/// HTTP over TCP and over Unix sockets.
import http from 'node:http';

/// One request. `to`: {port} or {socketPath}; `body`: text, or a value that is sent as JSON.
/// Gives {status, headers, text, json}.
export function request(to, method, path, { token, body, headers = {}, agent } = {}) {
    const all = { ...headers };
    if (token) {
        all.authorization = `Bearer ${token}`;
    }
    let text = body;
    if (body !== undefined && typeof body !== 'string') {
        text = JSON.stringify(body);
        all['content-type'] ??= 'application/json';
    }
    if (text !== undefined) {
        all['content-length'] = Buffer.byteLength(text);
    }
    return new Promise((resolve, reject) => {
        const call = http.request(
            { host: '127.0.0.1', ...to, method, path, headers: all, agent },
            (answer) => {
                const parts = [];
                answer.on('data', (part) => parts.push(part));
                answer.on('error', reject);
                answer.on('end', () => resolve(to_answer(answer, Buffer.concat(parts).toString())));
            },
        );
        call.on('error', reject);
        call.end(text);
    });
}

function to_answer(answer, text) {
    const is_json = /json/.test(answer.headers['content-type'] ?? '');
    return {
        status: answer.statusCode,
        headers: answer.headers,
        text,
        json: is_json && text !== '' ? JSON.parse(text) : undefined,
    };
}
