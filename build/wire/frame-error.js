/** Bytes that are no Frame. `reason` is the label for reports; the message says what was wrong and at which byte. */
export class FrameError extends Error {
    name = 'FrameError';
    reason = 'malformed';
}
