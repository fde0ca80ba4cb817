import { access, constants, stat } from 'node:fs/promises';
import { z } from 'zod';
import { readCertificates, secretBytesOf, secretFileOf } from '../adapters/index.js';
import { SecretError } from '../ports/index.js';
import { signingKeyOf, WEBHOOK_MODES } from '../sinks/index.js';
import { present } from './config-journal.js';
const file = z.string().min(1);
// Meanings are those of the library's options of the same name, but for those described here.
const webhook = z.strictObject({
    url: z.string(),
    mode: z
        .enum(WEBHOOK_MODES)
        .optional()
        .describe('`structured`: one JSON body. `binary`: attributes in headers, the event itself as the body.'),
    timeoutMs: z.number().optional(),
    maxInFlight: z.number().optional(),
    secret: z.string().min(1).optional(),
    secretFile: file.optional(),
});
const stream = z.strictObject({
    name: z.string().describe('The name of the stream.'),
    create: z.boolean().optional(),
    subjects: z.array(z.string()).optional(),
    maxAgeMs: z.number().optional(),
    maxBytes: z.number().optional(),
    replicas: z.number().optional(),
    duplicateWindowMs: z.number().optional(),
});
const tls = z.strictObject({
    caFile: file.optional().describe('PEM certificates of authorities to trust besides the usual ones.'),
    certFile: file.optional().describe('PEM certificate to identify with; needs `keyFile`.'),
    keyFile: file.optional().describe('PEM key of `certFile`.'),
});
const jetstream = z.strictObject({
    servers: z.union([z.string(), z.array(z.string())]),
    subject: z.string().optional(),
    partitions: z.number().optional(),
    timeoutMs: z.number().optional(),
    maxInFlight: z.number().optional(),
    credsFile: file.optional(),
    nkeyFile: file.optional(),
    tokenFile: file.optional().describe('A file with a token.'),
    user: z.string().min(1).optional().describe('A user name; needs `passwordFile`.'),
    passwordFile: file.optional().describe('A file with the password of `user`.'),
    tls: tls.optional(),
    stream: stream.optional(),
});
/** A sink that leaves the process; `sink: stdout` and `sink: ./handler.mjs` are texts. */
export const SINK_SHAPE = z.strictObject({
    webhook: webhook.optional().describe('Events are posted there as CloudEvents.'),
    jetstream: jetstream
        .optional()
        .describe('Events are published to a stream of NATS JetStream; at most one way to identify.'),
});
/** The keys below `sink`, by the path that leads to them. */
export const SINK_KEYS = {
    '': Object.keys(SINK_SHAPE.shape),
    webhook: Object.keys(webhook.shape),
    jetstream: Object.keys(jetstream.shape),
    'jetstream.tls': Object.keys(tls.shape),
    'jetstream.stream': Object.keys(stream.shape),
};
/** What the keys want, in the words of every error about them. */
export const SINK_WORDS = {
    sink: {
        expected: 'stdout, the path of an ES module, or a mapping with webhook or jetstream',
        advice: 'Write sink: stdout, or sink: and below it "  webhook:" or "  jetstream:".',
    },
    webhook: { expected: 'a mapping of options', advice: 'Write webhook: and below it "  url: https://…".' },
    url: {
        expected: 'an http: or https: URL without user and fragment',
        advice: 'Write url: https://events.example/feishu.',
    },
    mode: { expected: `one of ${WEBHOOK_MODES.join(', ')}`, advice: 'Write mode: structured, or leave it out.' },
    secret: {
        expected: 'the signing secret as text',
        advice: 'Write whsec_ and the output of "openssl rand -base64 32", or better name a file in secretFile.',
    },
    secretFile: { expected: 'the path of a file', advice: 'Write secretFile: /run/secrets/webhook.' },
    jetstream: { expected: 'a mapping of options', advice: 'Write jetstream: and below it "  servers: nats://…".' },
    servers: {
        expected: 'one address or a list of them',
        advice: 'Write servers: nats://127.0.0.1:4222, or tls://… to insist on TLS.',
    },
    subject: { expected: 'what every subject begins with', advice: 'Write subject: feishu.' },
    partitions: { expected: 'a number from 1', advice: 'Write partitions: 16, or leave it out for none.' },
    credsFile: { expected: 'the path of a file', advice: 'Write credsFile: /run/secrets/nats.creds.' },
    nkeyFile: { expected: 'the path of a file', advice: 'Write nkeyFile: /run/secrets/nats.seed.' },
    tokenFile: { expected: 'the path of a file', advice: 'Write tokenFile: /run/secrets/nats.token.' },
    user: { expected: 'a user name', advice: 'Write user: and passwordFile: beside it.' },
    passwordFile: { expected: 'the path of a file', advice: 'Write passwordFile: /run/secrets/nats.password.' },
    tls: { expected: 'a mapping of options', advice: 'Write tls: and below it "  caFile: /etc/ssl/nats-ca.pem".' },
    certFile: { expected: 'the path of a file', advice: 'Write certFile: and keyFile: beside it.' },
    keyFile: { expected: 'the path of a file', advice: 'Write keyFile: and certFile: beside it.' },
    stream: { expected: 'a mapping of options', advice: 'Write stream: and below it "  name: FEISHU".' },
    name: { expected: 'the name of a stream', advice: 'Write name: FEISHU.' },
    create: { expected: 'true or false', advice: 'Write create: true to make the stream if it is missing.' },
    subjects: { expected: 'a list of subjects', advice: 'Write subjects: ["feishu.>"], or leave it out.' },
};
/** Keys below `sink` whose value is never repeated. */
export const SINK_SECRETS = ['url', 'secret', 'servers'];
/** The sink as the library takes it, its paths made absolute. */
export function sinkOf(raw, pathOf) {
    const given = present(raw);
    const absolute = (options, ...at) => {
        const entries = Object.entries(present(options)).map(([key, value]) => [
            key,
            key.endsWith('File') && typeof value === 'string' ? pathOf([...at, key], value) : value,
        ]);
        return Object.fromEntries(entries);
    };
    const sink = {};
    if (given.webhook !== undefined)
        sink.webhook = absolute(given.webhook, 'webhook');
    if (given.jetstream !== undefined) {
        const { servers, tls: files, stream: wanted, ...rest } = given.jetstream;
        sink.jetstream = {
            ...absolute(rest, 'jetstream'),
            servers: typeof servers === 'string' ? [servers] : servers,
            ...(files !== undefined && { tls: absolute(files, 'jetstream', 'tls') }),
            ...(wanted !== undefined && { stream: present(wanted) }),
        };
    }
    // Both or neither is for `checkSinkSettings` to refuse.
    return sink;
}
/** Every file of the sink that cannot be used now. Later changes are picked up, but the first start should succeed. */
export async function sinkFileProblems(sink) {
    const { webhook: hook, jetstream: broker } = sink;
    const checks = [
        [['webhook', 'secretFile'], 'a secret that can be read', readSigningKey, hook?.secretFile],
        [['jetstream', 'credsFile'], 'credentials that can be read', readCredentials, broker?.credsFile],
        [['jetstream', 'nkeyFile'], 'a seed that can be read', readText, broker?.nkeyFile],
        [['jetstream', 'tokenFile'], 'a token that can be read', readText, broker?.tokenFile],
        [['jetstream', 'passwordFile'], 'a password that can be read', readText, broker?.passwordFile],
        [['jetstream', 'tls', 'caFile'], 'a file of PEM certificates', readCertificates, broker?.tls?.caFile],
        [['jetstream', 'tls', 'certFile'], 'a readable file', checkReadable, broker?.tls?.certFile],
        [['jetstream', 'tls', 'keyFile'], 'a readable file', checkReadable, broker?.tls?.keyFile],
    ];
    const problems = checks.map(async ([path, expected, check, at]) => {
        if (at === undefined)
            return [];
        try {
            await check(at);
            return [];
        }
        catch (error) {
            return [{ path, expected, given: `this: ${error instanceof Error ? error.message : String(error)}` }];
        }
    });
    return (await Promise.all(problems)).flat();
}
async function readSigningKey(path) {
    signingKeyOf(await secretFileOf(path, 'webhook secret')());
}
const readCredentials = (path) => secretBytesOf(path, 'credentials')();
const readText = (path) => secretFileOf(path, 'secret')();
async function checkReadable(path) {
    try {
        await access(path, constants.R_OK);
        if ((await stat(path)).isFile())
            return;
    }
    catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
        throw new SecretError(`the file ${path} can't be read: ${code}`);
    }
    throw new SecretError(`${path} is no regular file`);
}
