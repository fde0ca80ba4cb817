import { execFile } from 'node:child_process';
import { requireTool, type ToolName } from './tools.js';

export interface ToolRun {
  readonly exitCode: number;
  /** Both outputs, in the order stdout, stderr. */
  readonly output: string;
}

/** Runs a program to its end, at most a minute. Its exit code is an answer, not an error. */
export function runTool(name: ToolName, args: readonly string[], cwd?: string): Promise<ToolRun> {
  const path = requireTool(name);
  return new Promise((resolve, reject) => {
    execFile(path, args, { cwd, timeout: 60_000, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : error.code;
      // Not a number: it could not be started, or was ended by the deadline.
      if (typeof exitCode === 'number') resolve({ exitCode, output: stdout + stderr });
      else reject(error);
    });
  });
}
