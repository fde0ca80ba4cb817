/** Whether to write in colours: only for people, and not against their will. */
export function hasColour({ isTty, env }) {
    return isTty && !env.NO_COLOR && env.TERM !== 'dumb';
}
export function writeLine(stream, text) {
    stream.write(`${text}\n`);
}
