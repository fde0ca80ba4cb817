import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { DEFAULT_ALERT_OPTIONS } from '../../src/alerts/index.js';
import {
  configIn,
  readPackage,
  stopBudgetMs,
  strangeCommandLines,
  surfaceOf,
  textOf,
  unknownNames,
} from './supervised.js';

const TEXT = textOf('deploy/kubernetes/feishu-connector.yaml');
const MONITOR_TEXT = textOf('deploy/kubernetes/pod-monitor.yaml');

/** The structure as Kubernetes has it, of the fields that are used: a misspelt or misplaced one is an error. */
const labels = z.record(z.string(), z.string());
const metadata = z.strictObject({ name: z.string(), labels: labels.optional() });
const selector = z.strictObject({ matchLabels: labels });
const probe = z.strictObject({
  httpGet: z.strictObject({ path: z.string().startsWith('/'), port: z.string() }),
  periodSeconds: z.int().positive(),
  timeoutSeconds: z.int().positive(),
  failureThreshold: z.int().positive(),
});
const cpu = z.string().regex(/^\d+m$/);
const memory = z.string().regex(/^\d+[MG]i$/);
const container = z.strictObject({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()),
  envFrom: z.array(z.strictObject({ configMapRef: z.strictObject({ name: z.string() }) })),
  env: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  ports: z.array(z.strictObject({ name: z.string().max(15), containerPort: z.int() })),
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
  resources: z.strictObject({
    requests: z.strictObject({ cpu, memory }),
    limits: z.strictObject({ memory }),
  }),
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
  }),
  volumeMounts: z.array(
    z.strictObject({ name: z.string(), mountPath: z.string().startsWith('/'), readOnly: z.boolean().optional() }),
  ),
});
const pod = z.strictObject({
  automountServiceAccountToken: z.literal(false),
  terminationGracePeriodSeconds: z.int(),
  securityContext: z.strictObject({
    runAsNonRoot: z.literal(true),
    runAsUser: z.int().positive(),
    runAsGroup: z.int().positive(),
    fsGroup: z.int().positive(),
    fsGroupChangePolicy: z.enum(['Always', 'OnRootMismatch']),
    seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
  }),
  containers: z.tuple([container]),
  volumes: z.array(
    z.strictObject({
      name: z.string(),
      // Decimal: 0440 is 288, and an octal number is another one in YAML 1.1 than in 1.2.
      secret: z.strictObject({ secretName: z.string(), defaultMode: z.literal(0o440) }),
    }),
  ),
});
const configMap = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('ConfigMap'),
  metadata,
  data: z.record(z.string(), z.string()),
});
const service = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Service'),
  metadata,
  spec: z.strictObject({
    clusterIP: z.literal('None'),
    publishNotReadyAddresses: z.literal(true),
    selector: labels,
    ports: z.array(z.strictObject({ name: z.string(), port: z.int(), targetPort: z.string() })),
  }),
});
const statefulSet = z.strictObject({
  apiVersion: z.literal('apps/v1'),
  kind: z.literal('StatefulSet'),
  metadata,
  spec: z.strictObject({
    serviceName: z.string(),
    replicas: z.literal(1),
    podManagementPolicy: z.literal('Parallel'),
    selector,
    template: z.strictObject({ metadata: z.strictObject({ labels, annotations: labels }), spec: pod }),
    volumeClaimTemplates: z.array(
      z.strictObject({
        metadata,
        spec: z.strictObject({
          accessModes: z.tuple([z.literal('ReadWriteOnce')]),
          resources: z.strictObject({ requests: z.strictObject({ storage: memory }) }),
        }),
      }),
    ),
  }),
});
const networkPolicy = z.strictObject({
  apiVersion: z.literal('networking.k8s.io/v1'),
  kind: z.literal('NetworkPolicy'),
  metadata,
  spec: z.strictObject({
    podSelector: selector,
    policyTypes: z.tuple([z.literal('Ingress')]),
    ingress: z.array(
      z.strictObject({
        from: z.array(z.strictObject({ namespaceSelector: selector })),
        ports: z.array(z.strictObject({ protocol: z.literal('TCP'), port: z.string() })),
      }),
    ),
  }),
});
const podMonitor = z.strictObject({
  apiVersion: z.literal('monitoring.coreos.com/v1'),
  kind: z.literal('PodMonitor'),
  metadata,
  spec: z.strictObject({
    jobLabel: z.string(),
    selector,
    podMetricsEndpoints: z.tuple([z.strictObject({ port: z.string(), path: z.string(), interval: z.string() })]),
  }),
});

function documentsOf(text: string): unknown[] {
  return parseAllDocuments(text).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as unknown;
  });
}

const [config, names, set, policy] = z.tuple([configMap, service, statefulSet, networkPolicy]).parse(documentsOf(TEXT));
const [monitor] = z.tuple([podMonitor]).parse(documentsOf(MONITOR_TEXT));
const { template, volumeClaimTemplates, selector: ownPods, serviceName } = set.spec;
const [daemon] = template.spec.containers;
const env = { ...config.data, ...Object.fromEntries(daemon.env.map(({ name, value }) => [name, value])) };

function mountOf(volume: string): string {
  return daemon.volumeMounts.find(({ name }) => name === volume)?.mountPath ?? '';
}

test('its environment is one that the daemon runs with, the journal on the volume and the secret from the mount', async () => {
  expect(unknownNames(Object.keys(env))).toEqual([]);
  expect(config.data).not.toHaveProperty('FEISHU_APP_SECRET');
  // The key that the comment's command gives the secret.
  const [, secretName, key = ''] = /create secret generic (\S+) --from-file=([\w-]+)=/.exec(TEXT) ?? [];
  const [volume] = template.spec.volumes;
  expect(volume?.secret.secretName).toBe(secretName);
  expect(env.FEISHU_APP_SECRET_FILE).toBe(`${mountOf(volume?.name ?? '')}/${key}`);
  const running = await configIn(env, mountOf(volume?.name ?? ''), key);
  const [claim] = volumeClaimTemplates;
  expect(running.apps[0]?.journal?.directory).toBe(`${mountOf(claim?.metadata.name ?? '')}/${env.FEISHU_APP_ID}`);
  expect(template.spec.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(stopBudgetMs(running));
  // What the kubelet asks is the pod's address.
  expect(running.listen).toEqual({ host: '0.0.0.0', port: daemon.ports[0]?.containerPort });
  expect(daemon.args).toEqual(['run']);
});

test('every mount has its volume, and every selector finds the pods', () => {
  const volumes = [
    ...template.spec.volumes.map(({ name }) => name),
    ...volumeClaimTemplates.map((claim) => claim.metadata.name),
  ];
  expect(daemon.volumeMounts.map(({ name }) => name).sort()).toEqual(volumes.sort());
  expect(daemon.envFrom).toEqual([{ configMapRef: { name: config.metadata.name } }]);
  expect(serviceName).toBe(names.metadata.name);
  for (const wanted of [
    ownPods,
    policy.spec.podSelector,
    monitor.spec.selector,
    { matchLabels: names.spec.selector },
  ]) {
    expect(template.metadata.labels).toMatchObject(wanted.matchLabels);
  }
});

test('every port that is named or numbered is the one that the daemon listens on', () => {
  const [port] = daemon.ports;
  const { annotations } = template.metadata;
  expect(names.spec.ports).toEqual([{ name: port?.name, port: port?.containerPort, targetPort: port?.name }]);
  expect(annotations['prometheus.io/port']).toBe(String(port?.containerPort));
  const named = [
    ...[daemon.startupProbe, daemon.livenessProbe, daemon.readinessProbe].map(({ httpGet }) => httpGet.port),
    ...policy.spec.ingress.flatMap(({ ports }) => ports.map((each) => each.port)),
    monitor.spec.podMetricsEndpoints[0].port,
  ];
  expect(new Set(named)).toEqual(new Set([port?.name]));
});

test('during an outage of Feishu only readiness says no, so that nothing is restarted', async () => {
  const surface = await surfaceOf(false);
  try {
    const answerTo = async (path: string) => (await fetch(`${surface.url}${path}`)).status;
    expect(await answerTo(daemon.startupProbe.httpGet.path)).toBe(200);
    expect(await answerTo(daemon.livenessProbe.httpGet.path)).toBe(200);
    expect(await answerTo(daemon.readinessProbe.httpGet.path)).toBe(503);
    expect(await answerTo(monitor.spec.podMetricsEndpoints[0].path)).toBe(200);
    expect(template.metadata.annotations['prometheus.io/path']).toBe(monitor.spec.podMetricsEndpoints[0].path);
  } finally {
    await surface.close();
  }
});

test('it is the image of this version, as the user that the image runs as', () => {
  expect(daemon.image.split(':').at(-1)).toBe(readPackage().version);
  const [, user, group] = /^USER (\d+):(\d+)$/m.exec(textOf('deploy/container/Dockerfile')) ?? [];
  const { runAsUser, runAsGroup, fsGroup } = template.spec.securityContext;
  expect([runAsUser, runAsGroup, fsGroup].map(String)).toEqual([user, group, group]);
});

test('the label job is the one that rules and boards ask for', () => {
  expect(template.metadata.labels[monitor.spec.jobLabel]).toBe(DEFAULT_ALERT_OPTIONS.job);
});

test('the command lines in its comments are ours', () => {
  expect(strangeCommandLines(TEXT + MONITOR_TEXT)).toEqual([]);
});
