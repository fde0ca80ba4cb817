import { expect, test } from 'vitest';
import { resolveTracing, type TracingSettings } from '../../src/daemon/tracing-settings.js';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

function settingsOf(...given: Parameters<typeof resolveTracing>): TracingSettings {
  const { settings, warnings } = resolveTracing(...given);
  if (settings === null) throw new Error(`no tracing: ${warnings.join('; ')}`);
  expect(warnings).toEqual([]);
  return settings;
}

test.each([
  ['nothing at all', {}],
  ['a service name alone', { OTEL_SERVICE_NAME: 'bot' }],
  ['an exporter none, whatever the endpoint', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }],
  ['a disabled SDK', { ...ENDPOINT, OTEL_SDK_DISABLED: 'true' }],
  ['empty variables', { OTEL_EXPORTER_OTLP_ENDPOINT: '', OTEL_TRACES_EXPORTER: '' }],
])('%s means no tracing, and no warning', (_what, env) => {
  expect(resolveTracing(env)).toEqual({ settings: null, warnings: [] });
});

test('an endpoint alone is enough, and everything else has a default', () => {
  expect(settingsOf(ENDPOINT)).toEqual({
    url: 'http://127.0.0.1:4318/v1/traces',
    headers: {},
    serviceName: 'feishu-connector',
    resource: {},
    sampler: 'parentbased_always_on',
    sampleRatio: 1,
  });
});

test.each([
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otel.example/base/' }, 'https://otel.example/base/v1/traces'],
  [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://other:1/as/it/is' }, 'http://other:1/as/it/is'],
  [{ OTEL_TRACES_EXPORTER: 'otlp' }, 'http://localhost:4318/v1/traces'],
  [{ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'console, otlp' }, 'http://127.0.0.1:4318/v1/traces'],
])('%o sends spans to %s', (env, url) => {
  expect(settingsOf(env).url).toBe(url);
});

test('headers, service and resource are read as the specification writes them', () => {
  const settings = settingsOf({
    ...ENDPOINT,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20abc, x-team=one',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-team=two',
    OTEL_RESOURCE_ATTRIBUTES: 'service.name=from-attributes,deployment.environment.name=prod,odd=a=b',
  });
  expect(settings.headers).toEqual({ authorization: 'Bearer abc', 'x-team': 'two' });
  expect(settings.serviceName).toBe('from-attributes');
  expect(settings.resource).toEqual({ 'deployment.environment.name': 'prod', odd: 'a=b' });
});

test.each([
  [{}, 1],
  [{ OTEL_TRACES_SAMPLER_ARG: '0.25' }, 0.25],
  [{ OTEL_TRACES_SAMPLER_ARG: '0' }, 0],
])('a ratio sampler with %o keeps %d', (env, sampleRatio) => {
  expect(settingsOf({ ...ENDPOINT, OTEL_TRACES_SAMPLER: 'traceidratio', ...env })).toMatchObject({
    sampler: 'traceidratio',
    sampleRatio,
  });
});

test('the file is enough, and the environment wins over it', () => {
  const raw = { endpoint: 'http://collector:4318', serviceName: 'from-file', sampleRatio: 0.1 };
  expect(settingsOf({}, raw)).toMatchObject({
    url: 'http://collector:4318/v1/traces',
    serviceName: 'from-file',
    sampler: 'parentbased_traceidratio',
    sampleRatio: 0.1,
  });
  expect(
    settingsOf({ ...ENDPOINT, OTEL_SERVICE_NAME: 'from-env', OTEL_TRACES_SAMPLER: 'always_on' }, raw),
  ).toMatchObject({ url: 'http://127.0.0.1:4318/v1/traces', serviceName: 'from-env', sampler: 'always_on' });
  expect(resolveTracing({ OTEL_TRACES_EXPORTER: 'none' }, raw).settings).toBeNull();
});

test.each([
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, /^OTEL_EXPORTER_OTLP_ENDPOINT is no http/, false],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'nonsense' }, /^OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is no http/, false],
  [{ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'zipkin' }, /^OTEL_TRACES_EXPORTER names none of/, false],
  [{ ...ENDPOINT, OTEL_TRACES_SAMPLER: 'jaeger_remote' }, /^OTEL_TRACES_SAMPLER must be one of/, true],
  [
    { ...ENDPOINT, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '7' },
    /^OTEL_TRACES_SAMPLER_ARG/,
    true,
  ],
  [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /gRPC is not spoken here/, true],
  [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS: 'hunter2' }, /^OTEL_EXPORTER_OTLP_HEADERS has a part/, true],
  [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS: 'key=%hunter2' }, /^OTEL_EXPORTER_OTLP_HEADERS has a part/, true],
])('%o is a warning and no error', (env, warning, isTraced) => {
  const { settings, warnings } = resolveTracing(env);
  expect(warnings).toEqual([expect.stringMatching(warning)]);
  expect(settings !== null).toBe(isTraced);
  expect(warnings.join()).not.toContain('hunter2');
});
