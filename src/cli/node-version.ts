/** What `engines` in package.json says, which npm merely warns of. */
export const NODE_RANGE = '^20.19.0 || >=22.12.0';

/**
 * Why the program does not run on this version of Node.js; null if it does. What is missing there shows late and
 * somewhere else: as a syntax error in a chunk, or as a name that a built-in module does not have.
 */
export function nodeProblem(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isRight = major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
  return isRight
    ? null
    : `this is Node.js ${version}, and it takes 20.19 or newer, of the 22 line 22.12 or newer (${NODE_RANGE}). Install a newer one: https://nodejs.org/en/download`;
}
