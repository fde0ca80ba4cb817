/** A header of a Frame. Order and repetition are kept: an ack repeats them. */
export interface FrameHeader {
  readonly key: string;
  readonly value: string;
}

/** One wire message: the nine protobuf fields of `pbbp2.Frame`. Absent optional fields stay absent on the way back. */
export interface Frame {
  /** Unsigned 64 bits, exact. */
  readonly seqId: bigint;
  /** Unsigned 64 bits, exact. */
  readonly logId: bigint;
  /** Signed 32 bits; the `service_id` of the socket URL. */
  readonly service: number;
  /** Signed 32 bits; see {@link METHOD}. */
  readonly method: number;
  readonly headers: readonly FrameHeader[];
  readonly payloadEncoding?: string;
  readonly payloadType?: string;
  readonly payload?: Uint8Array;
  readonly logIdNew?: string;
}

/** Values of {@link Frame.method}. */
export const METHOD = { control: 0, data: 1 } as const;
