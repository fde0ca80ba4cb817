/** The pacing that the platform sends in discovery answers and pongs, spelled and measured as on the wire: seconds. */
export interface ClientConfig {
  /** Attempts of one series; negative: without end. */
  readonly ReconnectCount: number;
  /** Pause between attempts, in seconds. */
  readonly ReconnectInterval: number;
  /** Upper bound of the random wait before the first attempt, in seconds. */
  readonly ReconnectNonce: number;
  /** Pause between protocol pings, in seconds. */
  readonly PingInterval: number;
}

/** What the platform was seen to send. */
export const DEFAULT_CLIENT_CONFIG: ClientConfig = {
  ReconnectCount: -1,
  ReconnectInterval: 120,
  ReconnectNonce: 30,
  PingInterval: 120,
};

/** For tests with real time: official SDKs ping and reconnect every second. */
export const BRISK_CLIENT_CONFIG: ClientConfig = {
  ReconnectCount: -1,
  ReconnectInterval: 1,
  ReconnectNonce: 0,
  PingInterval: 1,
};

/** Ways in which a pacing can be broken. */
export const BROKEN_CONFIGS = [
  'empty', // {}
  'partial', // only ReconnectCount and ReconnectNonce
  'not_a_number', // every field null, which is how JSON writes NaN
  'text', // every field a string
  'zero',
  'negative',
  'huge', // every field 1e15 seconds
] as const;
export type BrokenConfig = (typeof BROKEN_CONFIGS)[number];

/** Either a named way of being broken, or fields that replace the regular ones. */
export type ConfigChange = BrokenConfig | Readonly<Record<string, unknown>>;

export function changedConfig(config: ClientConfig, change: ConfigChange): Readonly<Record<string, unknown>> {
  switch (change) {
    case 'empty':
      return {};
    case 'partial':
      return { ReconnectCount: config.ReconnectCount, ReconnectNonce: config.ReconnectNonce };
    case 'not_a_number':
      return everyField(null);
    case 'text':
      return everyField('soon');
    case 'zero':
      return everyField(0);
    case 'negative':
      return everyField(-120);
    case 'huge':
      return everyField(1e15);
    default:
      return { ...config, ...change };
  }
}

/** The pause between pings that a config demands, in milliseconds, or null if no client could obey it. */
export function pingIntervalMsOf(config: { readonly PingInterval?: unknown }): number | null {
  const { PingInterval: seconds } = config;
  return typeof seconds === 'number' && seconds > 0 && seconds <= 86_400 ? seconds * 1000 : null;
}

function everyField(value: unknown): Readonly<Record<string, unknown>> {
  return { ReconnectCount: value, ReconnectInterval: value, ReconnectNonce: value, PingInterval: value };
}
