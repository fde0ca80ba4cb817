/** The daemon gave no answer; the message says why and what to do. */
export class DaemonSilent extends Error {
    name = 'DaemonSilent';
    is;
    constructor(is, message, options) {
        super(message, options);
        this.is = is;
    }
}
