/** Token types we keep. One today; the label exists so that a second needs no new metric. */
export const TOKEN_TYPES = ['tenant'];
