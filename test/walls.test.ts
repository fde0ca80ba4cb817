import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));

/** Who may know whom. A room is a folder of src, or a file at its top; packages are named by what they are. */
const WALLS: Readonly<Record<string, { readonly rooms: readonly string[]; readonly packages: readonly RegExp[] }>> = {
  ports: { rooms: [], packages: [] },
  wire: { rooms: [], packages: [] },
  adapters: { rooms: ['ports'], packages: [/^node:/, /^ws$/, /^lmdb$/] },
  connection: { rooms: ['ports', 'wire'], packages: [] },
  token: { rooms: ['ports', 'wire'], packages: [/^node:(module|http|https|stream)$/, /^@larksuiteoapi\/node-sdk$/] },
  delivery: { rooms: ['ports', 'wire'], packages: [] },
  catchup: { rooms: ['ports', 'wire'], packages: [] },
  sinks: { rooms: ['ports', 'delivery'], packages: [/^node:/, /^@nats-io\/(jetstream|transport-node)$/] },
  observe: {
    rooms: ['ports', 'wire', 'connection', 'token', 'delivery', 'catchup', 'sinks'],
    packages: [/^node:/, /^prom-client$/, /^@opentelemetry\/api$/, /^pino$/],
  },
  alerts: { rooms: ['observe'], packages: [/^yaml$/] },
  monitoring: { rooms: ['alerts'], packages: [/^node:/, /^yaml$/] },
  simulator: { rooms: ['ports', 'wire'], packages: [/^node:/, /^ws$/] },
  connector: {
    rooms: ['ports', 'adapters', 'connection', 'token', 'delivery', 'catchup', 'sinks', 'observe'],
    packages: [/^@larksuiteoapi\/node-sdk$/, /^pino$/],
  },
  simulation: { rooms: ['connector', 'simulator', 'ports'], packages: [/^pino$/] },
  daemon: { rooms: ['connector', 'observe', 'sinks', 'ports', 'adapters'], packages: [/./] },
  doctor: {
    rooms: ['connector', 'daemon', 'connection', 'token', 'catchup', 'ports', 'wire'],
    packages: [/^zod$/],
  },
  cli: {
    rooms: [
      'connector',
      'daemon',
      'doctor',
      'observe',
      'simulator',
      'simulation',
      'alerts',
      'monitoring',
      'ports',
      'adapters',
    ],
    packages: [/./],
  },
  'ws-client': {
    rooms: ['connector', 'adapters', 'observe', 'ports'],
    packages: [/^@larksuiteoapi\/node-sdk$/, /^pino$/],
  },
  index: {
    rooms: ['ws-client', 'connector', 'connection', 'delivery', 'catchup', 'sinks', 'observe', 'ports', 'token'],
    packages: [],
  },
};

interface Import {
  readonly file: string;
  readonly from: string;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

/** `connector-status.ts` and its siblings are parts of the room `connector`. */
function roomOf(path: string): string {
  const [top = ''] = relative(SRC, path).split('/');
  return top.replace(/\.(ts|js)$/, '').replace(/^connector-.*$/, 'connector');
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g,
  );
  return [...found].map(([, statement, dynamic]) => ({ file, from: statement ?? dynamic ?? '' }));
}

const imports = sources(SRC).flatMap(importsOf);

test('the sources were found, and so were their imports', () => {
  expect(new Set(imports.map(({ file }) => roomOf(file))).size).toBeGreaterThanOrEqual(8);
  expect(imports.length).toBeGreaterThan(100);
});

test('every room knows only whom it may know', () => {
  const breaches = imports.flatMap(({ file, from }) => {
    const room = roomOf(file);
    const wall = WALLS[room];
    if (wall === undefined) return [`${relative(SRC, file)}: no wall is declared for the room ${room}`];
    if (!from.startsWith('.')) {
      return wall.packages.some((allowed) => allowed.test(from))
        ? []
        : [`${relative(SRC, file)} imports the package ${from}`];
    }
    const other = roomOf(join(dirname(file), from));
    return other === room || wall.rooms.includes(other)
      ? []
      : [`${relative(SRC, file)} imports ${from} of the room ${other}`];
  });
  expect(breaches).toEqual([]);
});

test('the pure rooms read no clock, no randomness and no environment of their own', () => {
  const impure =
    /\b(Date\.now|new Date\(\)|performance\.now|Math\.random|setTimeout|setInterval|setImmediate|process\.)/;
  const breaches = sources(SRC)
    .filter((file) => ['ports', 'wire', 'connection', 'delivery', 'catchup'].includes(roomOf(file)))
    .filter((file) => impure.test(readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')))
    .map((file) => relative(SRC, file));
  expect(breaches).toEqual([]);
});
