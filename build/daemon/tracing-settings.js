/** The samplers of OpenTelemetry's specification. */
export const SAMPLERS = [
    'always_on',
    'always_off',
    'traceidratio',
    'parentbased_always_on',
    'parentbased_always_off',
    'parentbased_traceidratio',
];
/** OpenTelemetry's variables that are read here. Its SDK reads more by itself: `OTEL_BSP_…`, timeout, compression, certificates. */
export const TRACING_ENVIRONMENT = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'Base URL of an OTLP/HTTP collector that gets the spans. Default: no spans.',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'The same as a whole URL, for spans alone.',
    OTEL_EXPORTER_OTLP_HEADERS: 'Headers of each request, as name=value,name=value.',
    OTEL_TRACES_EXPORTER: 'none turns spans off, otlp sends them to http://localhost:4318 unless told otherwise.',
    OTEL_SERVICE_NAME: 'The service in the trace store. Default: feishu-connector.',
    OTEL_RESOURCE_ATTRIBUTES: 'More about the service, as name=value,name=value.',
    OTEL_TRACES_SAMPLER: `${SAMPLERS.join(', ')}. Default: parentbased_always_on.`,
    OTEL_TRACES_SAMPLER_ARG: 'The ratio of the two traceidratio samplers, from 0 to 1. Failures are kept regardless.',
};
const DEFAULT_SERVICE_NAME = 'feishu-connector';
const DEFAULT_ENDPOINT = 'http://localhost:4318'; // the specification's, where somebody asks for otlp and no more
const TRACES_PATH = '/v1/traces';
/**
 * Whether to trace, from OpenTelemetry's variables and, under them, the configuration file. A variable that cannot be
 * used is a warning and never an error: they are often set for a whole machine, and no event may depend on them.
 */
export function resolveTracing(env, raw) {
    const warnings = [];
    const warn = (warning) => {
        warnings.push(warning);
        return null;
    };
    const url = urlOf(env, raw, warn);
    if (url === null)
        return { settings: null, warnings };
    // The general protocol is http/protobuf by default; a collector tells the two by their content type, on one port.
    const protocol = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL || env.OTEL_EXPORTER_OTLP_PROTOCOL;
    if (protocol === 'grpc')
        warn('OTLP over gRPC is not spoken here: spans go out as http/json, usually to port 4318');
    const { 'service.name': named, ...resource } = pairsOf('OTEL_RESOURCE_ATTRIBUTES', env, warn);
    return {
        settings: {
            url,
            headers: {
                ...pairsOf('OTEL_EXPORTER_OTLP_HEADERS', env, warn),
                ...pairsOf('OTEL_EXPORTER_OTLP_TRACES_HEADERS', env, warn),
            },
            serviceName: env.OTEL_SERVICE_NAME || named || raw?.serviceName || DEFAULT_SERVICE_NAME,
            resource,
            ...samplingOf(env, raw, warn),
        },
        warnings,
    };
}
function urlOf(env, raw, warn) {
    if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true')
        return null;
    const exporters = (env.OTEL_TRACES_EXPORTER ?? '').split(',').map((name) => name.trim());
    const isAsked = exporters.includes('otlp');
    if (exporters.includes('none'))
        return null;
    if (!isAsked && exporters.some((name) => name !== '')) {
        return warn('OTEL_TRACES_EXPORTER names none of otlp and none, which are known here: no spans are exported');
    }
    const whole = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
    if (whole)
        return httpUrl(whole) ?? warn(notUsable('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'));
    const base = env.OTEL_EXPORTER_OTLP_ENDPOINT;
    if (base)
        return tracesUrl(base) ?? warn(notUsable('OTEL_EXPORTER_OTLP_ENDPOINT'));
    if (raw)
        return tracesUrl(raw.endpoint);
    return isAsked ? tracesUrl(DEFAULT_ENDPOINT) : null;
}
function notUsable(name) {
    return `${name} is no http or https URL: no spans are exported`;
}
function tracesUrl(base) {
    return httpUrl(`${base.replace(/\/+$/, '')}${TRACES_PATH}`);
}
/** Null for what is no URL of http or https. */
export function httpUrl(text) {
    const url = URL.canParse(text) ? new URL(text) : null;
    return url && /^https?:$/.test(url.protocol) ? url.href : null;
}
function samplingOf(env, raw, warn) {
    const named = env.OTEL_TRACES_SAMPLER;
    if (!named) {
        return raw?.sampleRatio === undefined
            ? { sampler: 'parentbased_always_on', sampleRatio: 1 }
            : { sampler: 'parentbased_traceidratio', sampleRatio: raw.sampleRatio };
    }
    const sampler = SAMPLERS.find((name) => name === named);
    if (sampler === undefined) {
        warn(`OTEL_TRACES_SAMPLER must be one of ${SAMPLERS.join(', ')}: all spans are kept`);
        return { sampler: 'parentbased_always_on', sampleRatio: 1 };
    }
    const text = env.OTEL_TRACES_SAMPLER_ARG;
    if (!text || !sampler.endsWith('traceidratio'))
        return { sampler, sampleRatio: 1 };
    const sampleRatio = Number(text);
    if (sampleRatio >= 0 && sampleRatio <= 1)
        return { sampler, sampleRatio };
    warn('OTEL_TRACES_SAMPLER_ARG must be a ratio from 0 to 1: all spans are kept');
    return { sampler, sampleRatio: 1 };
}
/** `name=value` pairs, percent-encoded and separated by commas, as the specification has them. */
function pairsOf(name, env, warn) {
    const pairs = {};
    for (const part of (env[name] ?? '').split(',')) {
        if (part.trim() === '')
            continue;
        const [, key, value] = /^\s*([^=\s]+)\s*=(.*)$/s.exec(part) ?? [];
        const decoded = value === undefined ? null : decodedOf(value.trim());
        if (key === undefined || decoded === null) {
            // Not quoted: what stands here is often a credential.
            warn(`${name} has a part that is not name=value, percent-encoded; it is left out`);
        }
        else {
            pairs[key] = decoded;
        }
    }
    return pairs;
}
function decodedOf(text) {
    try {
        return decodeURIComponent(text);
    }
    catch {
        return null; // a lone percent sign; the caller says so
    }
}
