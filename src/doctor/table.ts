/** What a check is about: the daemon as a whole, one app, or what watches over them. */
export const SECTIONS = ['daemon', 'app', 'monitoring'] as const;
export type Section = (typeof SECTIONS)[number];

interface Row {
  readonly section: Section;
  /** What is asked, and of whom. */
  readonly asks: string;
  /** What its failure means. */
  readonly means: string;
  /** Where to begin. A finding says it closer to the case. */
  readonly todo: string;
  /** Earlier checks without which this one makes no sense: where one of them failed it is not reached. */
  readonly needs: readonly string[];
  /** Earlier checks that it waits for, whatever becomes of them. */
  readonly after?: readonly string[];
  /** The time that is kept for it, of the default 9 s, in milliseconds; 0 for one that asks nobody. */
  readonly limitMs: number;
}

/** Every check there is, in the order in which they are told. */
export const CHECKS = {
  daemon: {
    section: 'daemon',
    asks: 'Who answers at the address of the HTTP surface, and what it runs (`/status`).',
    means: 'No connector was found that could receive events, or one that hangs.',
    todo: 'Start it, or name its address with `--url`; one that hangs must be restarted.',
    needs: [],
    limitMs: 2_000,
  },
  probes: {
    section: 'daemon',
    asks: 'Whether `/livez` and `/readyz` say what the evidence says.',
    means: 'A supervisor or a load balancer that asks them is told that all is well while the app is deaf.',
    todo: 'Do not trust the probes; report it with the output of `--json`.',
    needs: ['daemon'],
    limitMs: 0,
  },
  reload: {
    section: 'daemon',
    asks: 'The daemon: whether the configuration that it was given last is in force, or a reload was refused.',
    means: 'It runs by an older configuration than the file holds, and with the new one it may not start again.',
    todo: 'Mend what it says and send the daemon a SIGHUP; the runbook is FeishuConfigReloadFailed.',
    needs: ['daemon'],
    limitMs: 0,
  },
  metrics: {
    section: 'daemon',
    asks: 'Whether `/metrics` answers, can be parsed, and has `feishu_ws_connected` for every app as the evidence has it.',
    means: 'Dashboards are empty, and alerts cannot fire or fire wrongly.',
    todo: 'Look into the log of the daemon; the runbook is FeishuMetricsMissing.',
    needs: ['daemon'],
    limitMs: 2_000,
  },
  'run here': {
    section: 'app',
    asks: 'The daemon: whether it runs this app, and can tell how it is.',
    means:
      'The app is in this configuration and not in the one that the daemon runs; or a process has its journal open that cannot be asked.',
    todo: 'Add it there and send the daemon a SIGHUP, or name the daemon that runs it with `--url`.',
    needs: [],
    limitMs: 0,
  },
  configuration: {
    section: 'app',
    asks: 'What the configuration says of the app, and whether its secret can be read.',
    means: 'Neither a token nor a connection can be had.',
    todo: 'Mend the file or the variable that it names.',
    needs: [],
    limitMs: 500,
  },
  alive: {
    section: 'app',
    asks: 'The daemon: when its own loop ticked last. A claim counts by the age of what it rests on.',
    means: 'Its event loop is blocked, or the process is frozen.',
    todo: 'Restart it; the log before that tells why.',
    needs: [],
    limitMs: 0,
  },
  connected: {
    section: 'app',
    asks: 'The daemon: when the gateway was heard last on the living connection, against the silence limit.',
    means: 'The app is deaf: no event can reach it.',
    todo: 'See `outage` for the cause and the next attempt.',
    needs: [],
    limitMs: 0,
  },
  outage: {
    section: 'app',
    asks: 'The daemon: which outage goes on, its cause, its attempts and the latest failure.',
    means: 'Attempts fail; the failure names its table row and what helps.',
    todo: 'As the failure says; those of the verdict `operator` need a human.',
    needs: [],
    limitMs: 0,
  },
  receiving: {
    section: 'app',
    asks: 'The daemon: what came, what the history says is missing, and how many the platform counts.',
    means: 'Connected and deaf all the same: somebody else gets the events, or nothing is subscribed.',
    todo: 'The runbook FeishuEventsSilent.',
    needs: ['connected'],
    limitMs: 0,
  },
  deliveries: {
    section: 'app',
    asks: 'The daemon: how many events wait for their handler, and for how long.',
    means: 'The handlers do not keep up: further events are not acknowledged.',
    todo: 'The runbooks FeishuQueueSaturated and FeishuHandlerStalled.',
    needs: [],
    limitMs: 0,
  },
  proxy: {
    section: 'app',
    asks: 'Which way leads to the platform: direct or by which proxy, and which setting decides.',
    means: 'A proxy is wanted that cannot be used.',
    todo: 'Mend the option `proxy` or the variable that it names.',
    needs: [],
    limitMs: 0,
  },
  DNS: {
    section: 'app',
    asks: 'The resolver: the addresses of the platform, or of the proxy.',
    means: 'The name does not resolve (F16).',
    todo: 'Check /etc/resolv.conf, the resolver it names, and the spelling of the domain.',
    needs: ['proxy'],
    limitMs: 1_000,
  },
  TCP: {
    section: 'app',
    asks: 'One of those addresses: a connection.',
    means: 'Nobody listens there, or a firewall is in between.',
    todo: 'Let this machine out to port 443, or set the proxy that leads out.',
    needs: ['DNS'],
    limitMs: 1_300,
  },
  tunnel: {
    section: 'app',
    asks: 'The proxy: a tunnel to the platform (CONNECT).',
    means: 'The proxy refuses, wants credentials, or is none (F17).',
    todo: 'Allow the platform there, put user and password into its URL, or exempt the platform with NO_PROXY.',
    needs: ['TCP'],
    limitMs: 900,
  },
  TLS: {
    section: 'app',
    asks: 'The platform: its certificates, whether they are trusted, for which names and how long; who issued them.',
    means:
      'The certificate is not trusted, expired, or for another host (F18); something in between may open the connection.',
    todo: 'An authority of your own goes into `caFile`; an expired certificate may be a wrong clock.',
    needs: ['tunnel', 'TCP'],
    limitMs: 1_000,
  },
  platform: {
    section: 'app',
    asks: 'The ticket endpoint, without credentials: whether the platform itself answers.',
    means: 'A captive portal, a proxy or another service answers in its place.',
    todo: 'Open the address in a browser from this machine; check `domain`.',
    needs: ['TLS'],
    limitMs: 1_000,
  },
  clock: {
    section: 'app',
    asks: "That answer: its `Date` against this machine's clock, within half the round trip.",
    means: 'Certificates seem expired, ages of events are wrong, and catch-up looks at the wrong hours.',
    todo: 'Let NTP set the clock: `timedatectl`, `chronyc tracking`.',
    needs: ['platform'],
    limitMs: 0,
  },
  token: {
    section: 'app',
    asks: 'The daemon: its token and how long it lives. Without a daemon the platform, for one.',
    means: 'Calls of the API fail; events are received without it.',
    todo: 'As the failure says; most often the app id or secret.',
    needs: ['configuration', 'TLS'],
    after: ['daemon'],
    limitMs: 1_000,
  },
  discovery: {
    section: 'app',
    asks: 'The platform: a ticket, as a connector does.',
    means: 'No connection can be opened.',
    todo: 'As the failure says.',
    needs: ['configuration', 'TLS'],
    after: ['daemon'],
    limitMs: 1_000,
  },
  gateway: {
    section: 'app',
    asks: 'The way to the gateway, another host than the platform: proxy, name, TCP, tunnel, TLS. Beside a daemon to the one that it names.',
    means: 'Tickets are had, and no socket ever comes up (F17). The step that failed is named.',
    todo: 'Let that host and port through too: in the firewall, in the proxy, or by NO_PROXY.',
    needs: ['discovery'],
    after: ['daemon'],
    limitMs: 700,
  },
  online: {
    section: 'app',
    asks: 'The platform: how many connections of this app it counts, before a probe adds one. Beside a daemon: whether those are its own.',
    means:
      'Somebody else is connected as this app and takes part of its events (F07), or the limit is near (F06), or our own is not counted.',
    todo: 'Find the other client: another host, an old container, a developer at home. Give it an app of its own.',
    needs: ['token'],
    limitMs: 700,
  },
  handshake: {
    section: 'app',
    asks: 'The gateway: a WebSocket. Not beside a daemon that runs the app.',
    means: 'The gateway refuses, or something in between does not let sockets through.',
    todo: 'As the failure says; with a proxy, allow the gateway too.',
    needs: ['discovery', 'gateway'],
    after: ['online'],
    limitMs: 1_000,
  },
  'first pong': {
    section: 'app',
    asks: 'The gateway: an answer to the first ping. The 101 proves nothing.',
    means: 'The gateway accepts and never answers: half-open.',
    todo: 'Ask again; if it stays so, something in between swallows what flows.',
    needs: ['handshake'],
    limitMs: 600,
  },
  'online during': {
    section: 'app',
    asks: 'The platform: whether it counts the probe connection.',
    means: 'The platform does not see a connection that answers: it would send it nothing.',
    todo: 'Ask again; its count may lag.',
    needs: ['first pong', 'online'],
    limitMs: 500,
  },
  'events left alone': {
    section: 'app',
    asks: 'The probe connection: how many events came to it. None is acknowledged, and it is closed.',
    means: 'Never fails: what came is delivered again.',
    todo: 'Nothing, while a connector runs.',
    needs: ['handshake'],
    after: ['first pong', 'online during'],
    limitMs: 500,
  },
  'online after': {
    section: 'app',
    asks: 'The platform: whether it stopped counting the probe connection.',
    means: 'Never fails: the platform may keep a closed connection in its rotation for a while (F08).',
    todo: 'Wait a few minutes.',
    needs: ['events left alone', 'online'],
    limitMs: 500,
  },
  scopes: {
    section: 'app',
    asks: 'The platform: which scopes the tenant has granted. It needs no scope.',
    means: 'Events or calls that need a missing scope never come or fail (F10).',
    todo: 'Add the scope in the developer console, publish a version, and have an administrator release it.',
    needs: ['token'],
    limitMs: 1_000,
  },
  subscription: {
    section: 'app',
    asks: 'The platform: how the app is subscribed. It needs application:application:self_manage, or is skipped.',
    means: 'Events go to a webhook, or none is added: connected, and deaf by design (F10).',
    todo: 'Developer console, "Events and callbacks": long connection, the events, a published version.',
    needs: ['token'],
    limitMs: 1_000,
  },
  journal: {
    section: 'app',
    asks: 'The journal of the app, opened to be read: its size and room, what waits, dead letters, whose it is.',
    means: 'Events cannot be journaled, and so are not acknowledged.',
    todo: 'Free space, mend the directory, or move damaged files away, as the finding says.',
    needs: [],
    after: ['daemon'],
    limitMs: 2_000,
  },
  Prometheus: {
    section: 'monitoring',
    asks: 'Prometheus, given with `--prometheus`: its version.',
    means: 'Nobody is told of anything (F27).',
    todo: 'Start it, or name the right address.',
    needs: [],
    limitMs: 2_000,
  },
  targets: {
    section: 'monitoring',
    asks: 'Prometheus: whether it scrapes instances of the connector, whether the scrapes succeed, and whether it has series of each app that the daemon runs.',
    means: 'Alerts on metrics cannot fire.',
    todo: 'The runbooks FeishuTargetAbsent and FeishuTargetDown.',
    needs: ['Prometheus'],
    limitMs: 2_000,
  },
  rules: {
    section: 'monitoring',
    asks: 'Prometheus: whether every shipped rule is loaded, with the expressions of this version, and can be evaluated.',
    means: 'Failure modes without their alert: nobody is told.',
    todo: 'Write them with `feishu-connector alerts --out <folder>`, and let Prometheus reload.',
    needs: ['Prometheus'],
    limitMs: 3_000,
  },
  Alertmanager: {
    section: 'monitoring',
    asks: 'Prometheus: whether it has an Alertmanager to send to.',
    means: 'Alerts fire and reach nobody.',
    todo: 'The section `alerting` of its configuration; `alerts/prometheus.example.yml` shows it.',
    needs: ['Prometheus'],
    limitMs: 2_000,
  },
  watchdog: {
    section: 'monitoring',
    asks: 'Prometheus: whether FeishuWatchdog fires, as it always should.',
    means: 'Rules are not evaluated, or not all of them are loaded.',
    todo: 'The runbook FeishuWatchdog.',
    needs: ['Prometheus'],
    limitMs: 2_000,
  },
} as const satisfies Readonly<Record<string, Row>>;

export type CheckName = keyof typeof CHECKS;

/** Who waits for whom, and for how long: what {@link CHECKS} is to whoever makes the checks. */
export type Plan = Readonly<Record<string, Pick<Row, 'needs' | 'after' | 'limitMs'>>>;

/** The longest way through the checks from this one on, itself left out, in milliseconds. Pure. */
export function behindMs(plan: Plan, name: string): number {
  const behind = Object.entries(plan).filter(([, { needs, after = [] }]) => [...needs, ...after].includes(name));
  return Math.max(0, ...behind.map(([next, { limitMs }]) => limitMs + behindMs(plan, next)));
}

/** The longest way through all of them, in milliseconds: what the default of `--timeout` is. Pure. */
export function longestWayMs(plan: Plan): number {
  return Math.max(...Object.entries(plan).map(([name, { limitMs }]) => limitMs + behindMs(plan, name)));
}

/** Where a check stands among the others. */
export function rankOf(name: string): number {
  return Object.keys(CHECKS).indexOf(name);
}
