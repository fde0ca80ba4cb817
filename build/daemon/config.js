import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DEFAULT_CONNECTION_POLICY, DELIVERY_DEFAULTS, TOKEN_DEFAULTS, } from '../connector-parts.js';
import { catchupOf } from './config-catchup.js';
import { checkConfig } from './config-check.js';
import { DAEMON_DEFAULTS } from './config-defaults.js';
import { environmentWarnings, laidOver, nameIn, readEnvironment, } from './config-environment.js';
import { ConfigError } from './config-error.js';
import { journalOf } from './config-journal.js';
import { policyOf } from './config-policy.js';
import { APP_KEYS, DAEMON_KEYS } from './config-schema.js';
import { learnSecretsIn } from './config-secrets.js';
import { sinkOf } from './config-sink.js';
import { parseListenAddress } from './listen-address.js';
import { resolveTracing } from './tracing-settings.js';
/**
 * The daemon's configuration. Order: command line, environment, file, defaults. The environment can describe a single
 * app; a file with a list of apps and a `FEISHU_APP_…` variable contradict each other, and that is an error.
 * @throws ConfigError with every problem found: where, what was expected, what is there, what to write.
 */
export async function loadConfig(sources) {
    const { env, cwd, overrides = new Map() } = sources;
    const environment = readEnvironment(env);
    const path = sources.file ?? environment.file;
    const file = path === null ? null : await readConfigFile(resolve(cwd, path), path, sources.file ? '--config' : 'FEISHU_CONFIG');
    const layers = {
        daemon: merged(environment.daemon, overrides, DAEMON_KEYS),
        app: merged(environment.app, overrides, APP_KEYS),
    };
    const located = assemble(file, layers, {
        env,
        cwd,
        fileDirectory: path === null ? cwd : dirname(resolve(cwd, path)),
    });
    learnSecretsIn(located.value);
    const raw = await checkConfig(located);
    const { settings: tracing, warnings } = resolveTracing(env, raw.tracing);
    return { ...configOf(raw, located), tracing, warnings: [...environmentWarnings(env), ...warnings] };
}
function merged(environment, overrides, keys) {
    const layer = new Map(environment);
    for (const [key, setting] of overrides) {
        if (!keys.includes(key))
            continue;
        dropOthers(key, (other) => layer.delete(other));
        layer.set(key, setting);
    }
    return layer;
}
/** Ways to say the same: one replaces the other, so that a higher layer can override a lower one. */
const ALTERNATIVES = [
    ['appSecret', 'appSecretFile'],
    ['handler', 'sink'],
];
function dropOthers(key, drop) {
    for (const [one, other] of ALTERNATIVES) {
        if (key === one)
            drop(other);
        if (key === other)
            drop(one);
    }
}
// Far above any list of apps; it catches a log or an image given by mistake.
const LARGEST_FILE_BYTES = 1_048_576;
async function readConfigFile(path, asGiven, option) {
    let text;
    try {
        text = await readFile(path, 'utf8');
    }
    catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
        const given = { ENOENT: 'no such file', EACCES: 'a file that may not be read', EISDIR: 'a directory' }[code] ?? code;
        throw new ConfigError([
            {
                where: option,
                path: asGiven,
                expected: 'a readable file',
                given,
                advice: `Looked for ${path}; mend the path or its permissions.`,
            },
        ]);
    }
    if (text.length > LARGEST_FILE_BYTES) {
        const given = `${text.length} characters`;
        throw new ConfigError([
            { where: option, path: asGiven, expected: 'at most 1 MiB of YAML', given, advice: 'Is it the right file?' },
        ]);
    }
    // Loaded only here: where the environment says it all, no parser is needed.
    const { parseConfigDocument } = await import('./config-document.js');
    return parseConfigDocument(text, basename(path));
}
/** Lays the layers over each other, and remembers where each value came from. */
function assemble(file, layers, around) {
    const whole = mappingOf(file);
    const hasList = 'apps' in whole;
    const problems = [];
    if (hasList)
        problems.push(...contradictions(file, whole, layers.app));
    if (problems.length > 0)
        throw new ConfigError(problems);
    const config = {};
    const single = {};
    for (const [key, value] of Object.entries(whole)) {
        if (!hasList && isAppKey(key))
            single[key] = value;
        else
            config[key] = value;
    }
    for (const [key, { value }] of layers.daemon)
        config[key] = laidOver(config[key], value);
    for (const key of layers.app.keys())
        dropOthers(key, (other) => delete single[other]);
    for (const [key, { value }] of layers.app)
        single[key] = laidOver(single[key], value);
    if (!hasList && Object.keys(single).length > 0)
        config.apps = [single];
    const nameOf = (path) => {
        if (path[0] !== 'apps')
            return nameIn(layers.daemon, path);
        return hasList ? undefined : nameIn(layers.app, path.slice(2));
    };
    return {
        value: config,
        source: file ? 'file' : 'environment',
        env: around.env,
        isList: hasList,
        where: (path) => {
            const from = nameOf(path);
            if (from !== undefined)
                return from;
            return file === null ? 'environment' : file.where(hasList || path[0] !== 'apps' ? path : path.slice(2));
        },
        pathOf: (path, value) => resolve(nameOf(path) === undefined ? around.fileDirectory : around.cwd, value),
    };
}
/** A key of the single app that stands at the top. What both know, such as the journal, is the daemon's there. */
function isAppKey(key) {
    return APP_KEYS.includes(key) && !DAEMON_KEYS.includes(key);
}
function mappingOf(file) {
    const value = file?.value;
    if (value === undefined || value === null)
        return {};
    if (typeof value === 'object' && !Array.isArray(value))
        return { ...value };
    throw new ConfigError([
        {
            where: file?.where([]) ?? '',
            path: '',
            expected: 'a mapping of options',
            given: Array.isArray(value) ? 'a list' : `a ${typeof value}`,
            advice: 'Start with appId: or apps: at the beginning of a line.',
        },
    ]);
}
function contradictions(file, whole, app) {
    const besides = Object.keys(whole).filter(isAppKey);
    return [
        ...[...app.values()].map(({ from }) => ({
            where: from,
            path: '',
            expected: 'nothing here, as the configuration file lists its apps',
            given: 'a value',
            advice: `Leave ${from} out, or write a single app into the file, without apps:.`,
        })),
        ...besides.map((key) => ({
            where: file?.where([key]) ?? '',
            path: key,
            expected: 'either apps: or the options of a single app',
            given: 'both',
            advice: `Move ${key} into an entry of apps:.`,
        })),
    ];
}
function configOf(raw, located) {
    const listen = parseListenAddress(raw.listen ?? DAEMON_DEFAULTS.listen);
    if (listen === null)
        throw new TypeError('the schema let a bad listen address pass');
    return {
        listen,
        logLevel: raw.logLevel ?? DAEMON_DEFAULTS.logLevel,
        drainMs: raw.drainMs ?? DAEMON_DEFAULTS.drainMs,
        ...(raw.exitAfterOutageMs !== undefined && { exitAfterOutageMs: raw.exitAfterOutageMs }),
        ...(raw.runbookUrl !== undefined && { runbookUrl: raw.runbookUrl }),
        openMetrics: raw.metrics?.openMetrics ?? DAEMON_DEFAULTS.openMetrics,
        apps: raw.apps.map((app, index) => appOf(app, index, raw, located)),
    };
}
function appOf(raw, index, { journal: daemonJournal }, located) {
    const { appId, appSecret, appSecretFile } = raw;
    const pathOf = (key, value) => located.pathOf(['apps', index, key], value);
    const journal = journalOf(daemonJournal && { ...daemonJournal, directory: located.pathOf(['journal', 'directory'], daemonJournal.directory) }, ownJournal(raw.journal, (directory) => located.pathOf(['apps', index, 'journal', 'directory'], directory)), appId, join);
    return {
        appId,
        app: raw.app ?? appId,
        ...(appSecret !== undefined && { appSecret }),
        ...(appSecretFile !== undefined && { appSecretFile: pathOf('appSecretFile', appSecretFile) }),
        domain: raw.domain ?? DAEMON_DEFAULTS.domain,
        ...(raw.proxy !== undefined && { proxy: raw.proxy }),
        ...(raw.caFile !== undefined && { caFile: pathOf('caFile', raw.caFile) }),
        ...destinationOf(raw, index, located),
        ...(journal !== null && { journal }),
        ...(raw.connections !== undefined && { connections: raw.connections }),
        connection: policyOf(raw.connection, DEFAULT_CONNECTION_POLICY),
        token: policyOf(raw.token, TOKEN_DEFAULTS),
        delivery: policyOf(raw.delivery, DELIVERY_DEFAULTS),
        ...(raw.catchup !== undefined && { catchup: catchupOf(raw.catchup) }),
    };
}
function ownJournal(journal, pathOf) {
    if (journal === undefined || journal === 'none' || journal.directory === undefined)
        return journal;
    return { ...journal, directory: pathOf(journal.directory) };
}
/** Where the app's events go: a text names functions of this process, whichever of the two keys it stands under. */
function destinationOf({ handler, sink }, index, located) {
    if (sink !== undefined && typeof sink !== 'string') {
        return { sink: sinkOf(sink, (path, value) => located.pathOf(['apps', index, 'sink', ...path], value)) };
    }
    const text = handler ?? sink ?? DAEMON_DEFAULTS.handler;
    if (text === 'stdout')
        return { handler: text };
    return { handler: located.pathOf(['apps', index, handler === undefined ? 'sink' : 'handler'], text) };
}
