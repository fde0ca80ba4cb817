// Calls between the bench and its child processes, over Node's own channel: a question, then its answer or its error.

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Whatever is asked is a matter of seconds. A child that does not answer within this hangs. */
const DEADLINE_MS = 60_000;

/**
 * A child process, and how to ask it.
 * @param file Beside this one.
 * @returns `ask(question, details)` gives the answer, and rejects with the child's error, with its end, or after a
 *   minute; `stop()` ends the child and resolves when it is gone.
 */
export function startChild(file, args = [], execArgv = []) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  // Lines that a variant logs are written, and go nowhere.
  const child = fork(path, args, { execArgv, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const open = new Map();
  let lastId = 0;
  let end = null;

  const settle = (id, answer) => {
    const question = open.get(id);
    if (question === undefined) return;
    open.delete(id);
    clearTimeout(question.deadline);
    if ('error' in answer) question.reject(new Error(`${[file, ...args].join(' ')}: ${answer.error}`));
    else question.resolve(answer.value);
  };
  const ended = new Promise((resolve) => {
    const finish = (how) => {
      end ??= how;
      for (const id of [...open.keys()]) settle(id, { error: end });
      resolve();
    };
    child.on('exit', (code, signal) => finish(`it ended with ${signal ?? `exit code ${code}`}`));
    child.on('error', (error) => finish(error.message));
  });
  child.on('message', ({ id, ...answer }) => settle(id, answer));

  return {
    ask(question, details = {}) {
      return new Promise((resolve, reject) => {
        lastId += 1;
        const id = lastId;
        const late = () => settle(id, { error: `no answer to ${question} within ${DEADLINE_MS} ms` });
        open.set(id, { resolve, reject, deadline: setTimeout(late, DEADLINE_MS) });
        if (end !== null) settle(id, { error: end });
        else {
          child.send({ id, question, details }, (error) => {
            if (error) settle(id, { error: error.message });
          });
        }
      });
    },
    async stop() {
      // A child whose channel is closed has nothing left to do; one that goes on all the same is ended.
      if (child.connected) child.disconnect();
      const patience = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await ended;
      clearTimeout(patience);
    },
  };
}

/** Answers the parent's questions by these functions, until the parent closes the channel: then `closed` is called. */
export function answerParent(answers, closed) {
  // The parent may be gone meanwhile: then nobody waits for the answer, and the end of the channel ends this process.
  const tell = (answer) => process.send(answer, () => {});
  process.on('message', ({ id, question, details }) => {
    Promise.resolve()
      .then(() => answers[question](details))
      .then(
        (value) => tell({ id, value }),
        (error) => tell({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      );
  });
  process.on('disconnect', closed);
}
