import type { Frame } from '../../src/wire/index.js';
import vectors from './frame-vectors.json' with { type: 'json' };

interface Decoded {
  readonly SeqID: string;
  readonly LogID: string;
  readonly service: number;
  readonly method: number;
  readonly headers: readonly { readonly key: string; readonly value: string }[];
  readonly payload_encoding?: string;
  readonly payload_type?: string;
  readonly payload_base64?: string;
  readonly LogIDNew?: string;
}

/** A frame as the platform or an official SDK writes it: its bytes, and what stands in them. */
export interface Vector {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly frame: Frame;
}

/** All of frame-vectors.json. */
export const VECTORS: readonly Vector[] = vectors.map(({ name, hex, decoded }) => ({
  name,
  bytes: unhex(hex),
  frame: frameOf(decoded),
}));

export function vector(name: string): Vector {
  const found = VECTORS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no vector ${name}`);
  return found;
}

/** Bytes from hexadecimal digits; blanks are for the reader. */
export function unhex(digits: string): Uint8Array {
  return new Uint8Array(Buffer.from(digits.replaceAll(' ', ''), 'hex'));
}

function frameOf(decoded: Decoded): Frame {
  return {
    seqId: BigInt(decoded.SeqID),
    logId: BigInt(decoded.LogID),
    service: decoded.service,
    method: decoded.method,
    headers: decoded.headers,
    ...(decoded.payload_encoding === undefined ? {} : { payloadEncoding: decoded.payload_encoding }),
    ...(decoded.payload_type === undefined ? {} : { payloadType: decoded.payload_type }),
    ...(decoded.payload_base64 === undefined
      ? {}
      : { payload: new Uint8Array(Buffer.from(decoded.payload_base64, 'base64')) }),
    ...(decoded.LogIDNew === undefined ? {} : { logIdNew: decoded.LogIDNew }),
  };
}
