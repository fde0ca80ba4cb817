/** Tags of `pbbp2.Frame` and its `Header`: field number times 8 plus wire type. All fit one byte. */
export const TAG = {
  seqId: 0x08,
  logId: 0x10,
  service: 0x18,
  method: 0x20,
  header: 0x2a,
  payloadEncoding: 0x32,
  payloadType: 0x3a,
  payload: 0x42,
  logIdNew: 0x4a,
  key: 0x0a,
  value: 0x12,
} as const;
