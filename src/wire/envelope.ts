/** One decoded event, version 2.0 or 1.0. */
export interface Envelope {
  readonly schema: '2.0' | '1.0';
  /** `header.event_id`, or `uuid` in version 1.0. Never empty. */
  readonly id: string;
  /** `header.event_type`, or `event.type` in version 1.0. Never empty. */
  readonly type: string;
  /** Milliseconds since the epoch, or null if the envelope has none. */
  readonly createTime: number | null;
  readonly appId: string;
  readonly tenantKey: string;
  /** The `event` object. */
  readonly data: Readonly<Record<string, unknown>>;
  /** The whole parsed envelope. */
  readonly raw: Readonly<Record<string, unknown>>;
}
