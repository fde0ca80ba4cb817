/**
 * How every command ends. The codes of signals are 128 and the signal's number, as shells have them; under systemd say
 * `SuccessExitStatus=143`, for it counts only a death by the signal itself as clean.
 */
export const EXIT = Object.freeze({
    /** It did what it was asked. */
    ok: 0,
    /**
     * It could not: the port is taken, the journal cannot be opened, a file is in the way, standard output is gone, or a
     * bug; the last log line says which. Of `doctor`: deaf or failing. Of `status`: not every app is connected.
     */
    failure: 1,
    /** The command line or the configuration is wrong; nothing was started. */
    usage: 2,
    /**
     * Of `run` with `exitAfterOutageMs`, after a graceful drain: this process cannot connect for long, and a new one may.
     * EX_TEMPFAIL of sysexits.h; systemd restarts on it with `Restart=on-failure`, Kubernetes in any case.
     */
    restartNeeded: 75,
    /** SIGINT, after a graceful drain. */
    interrupted: 130,
    /** SIGTERM, after a graceful drain. */
    terminated: 143,
});
export const EXIT_HELP = `Exit codes:
  0    done
  1    failed: the port is taken, the journal cannot be opened, a file is in the way, standard output is gone, or a bug;
       of doctor: deaf or failing; of status: not every app is connected
  2    wrong command line or configuration; nothing was started
  75   run with exitAfterOutageMs: this process cannot connect for long, a new one may; restart it
  130  SIGINT, after a graceful drain
  143  SIGTERM, after a graceful drain`;
