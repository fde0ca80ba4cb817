import type { Exploration, PeerSeen, Route, Scout, StepSeen, TlsSeen } from '../../src/ports/index.js';

const YEAR_MS = 365 * 86_400_000;
/** What {@link HandClock} begins at. */
const NOW = 1_767_225_600_000;

/** A handshake with a certificate that everybody trusts, for a year to come. */
export const GOOD_TLS: TlsSeen = {
  protocol: 'TLSv1.3',
  chain: [
    { subject: '*.example', issuer: 'Public CA', validFrom: NOW - YEAR_MS, validTo: NOW + YEAR_MS },
    { subject: 'Public CA', issuer: 'Public CA', validFrom: NOW - YEAR_MS, validTo: NOW + 10 * YEAR_MS },
  ],
  names: ['*.example'],
  distrust: null,
  isPublic: true,
};

/** What each step of the way comes to. */
export interface Ground {
  readonly route: Route;
  readonly host: string;
  readonly isSecure: boolean;
  readonly resolve: StepSeen<readonly string[]>;
  readonly connect: StepSeen<PeerSeen>;
  readonly tunnel: StepSeen<null>;
  readonly secure: StepSeen<TlsSeen>;
}

const GOOD_GROUND: Ground = {
  route: { via: 'direct', why: 'neither HTTPS_PROXY nor ALL_PROXY is set' },
  host: 'open.example',
  isSecure: true,
  resolve: { ok: true, seen: ['192.0.2.7'], tookMs: 4 },
  connect: { ok: true, seen: { address: '192.0.2.7', port: 443 }, tookMs: 20 },
  tunnel: { ok: true, seen: null, tookMs: 30 },
  secure: { ok: true, seen: GOOD_TLS, tookMs: 40 },
};

/** A scout over ground that is good but for what the test changes, everywhere or by where it leads. */
export function fakeScout(
  changes: Partial<Ground> | ((url: string) => Partial<Ground>) = {},
): Scout & { readonly walks: FakeWalk[] } {
  const groundTo = (url: string): Ground => ({
    ...GOOD_GROUND,
    ...(typeof changes === 'function' ? changes(url) : changes),
  });
  const walks: FakeWalk[] = [];
  return {
    walks,
    routeOf: (url) => groundTo(url).route,
    explore: (url) => {
      const walk = new FakeWalk(groundTo(url), url);
      walks.push(walk);
      return walk;
    },
  };
}

class FakeWalk implements Exploration {
  readonly route: Route;
  readonly host: string;
  readonly isSecure: boolean;
  /** The steps that were taken, with their limits. */
  readonly steps: string[] = [];
  isClosed = false;
  readonly url: string;
  readonly #ground: Ground;

  constructor(ground: Ground, url: string) {
    this.url = url;
    this.#ground = ground;
    ({ route: this.route, host: this.host, isSecure: this.isSecure } = ground);
  }

  async resolve(limitMs: number): Promise<StepSeen<readonly string[]>> {
    this.steps.push(`resolve ${limitMs}`);
    return this.#ground.resolve;
  }

  async connect(limitMs: number): Promise<StepSeen<PeerSeen>> {
    this.steps.push(`connect ${limitMs}`);
    return this.#ground.connect;
  }

  async tunnel(limitMs: number): Promise<StepSeen<null>> {
    this.steps.push(`tunnel ${limitMs}`);
    return this.#ground.tunnel;
  }

  async secure(limitMs: number): Promise<StepSeen<TlsSeen>> {
    this.steps.push(`secure ${limitMs}`);
    return this.#ground.secure;
  }

  close(): void {
    this.isClosed = true;
  }
}
