/** An option that no command can follow; its message names the option and what it may be. */
export class CommandLineError extends Error {
    name = 'CommandLineError';
}
