/** Bytes that are no Frame. `reason` is the label for reports; the message says what was wrong and at which byte. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly reason = 'malformed';
}
