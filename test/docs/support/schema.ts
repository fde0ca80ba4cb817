import type { z } from 'zod';
import { APP_SHAPE, DAEMON_SHAPE } from '../../../src/daemon/config-schema.js';

/** One key of the configuration file. */
export interface Key {
  readonly path: string;
  /** What the schema itself says; null where the library's docstring does. */
  readonly meaning: string | null;
  readonly isGroup: boolean;
  readonly isRequired: boolean;
}

/** What a backoff is made of; its keys are described once. */
const BACKOFF = ['initialMs', 'maxMs', 'factor', 'jitter', 'scheduleMs'];

/** Every key of the daemon, those of a single app apart, in the schema's order, groups before what is in them. */
export const DAEMON_KEYS = keysOf(DAEMON_SHAPE);
export const APP_KEYS = keysOf(APP_SHAPE);

function keysOf(shape: Readonly<Record<string, z.ZodType>>, above = ''): readonly Key[] {
  return Object.entries(shape).flatMap(([name, type]) => {
    const path = above === '' ? name : `${above}.${name}`;
    const below = shapeOf(type);
    const isGroup = below !== null && Object.keys(below).join() !== BACKOFF.join();
    const key = { path, meaning: descriptionOf(type), isGroup, isRequired: !type.safeParse(undefined).success };
    return isGroup ? [key, ...keysOf(below, path)] : [key];
  });
}

type Shape = Readonly<Record<string, z.ZodType>>;

/** The keys of a mapping, through what is optional and through a choice between a mapping and something else. */
function shapeOf(type: z.ZodType): Shape | null {
  const { def } = type as unknown as {
    def: { type: string; innerType?: z.ZodType; options?: z.ZodType[]; shape?: Shape };
  };
  if (def.type === 'object') return def.shape ?? null;
  if (def.innerType !== undefined) return shapeOf(def.innerType);
  return def.options?.map(shapeOf).find((shape) => shape !== null) ?? null;
}

function descriptionOf(type: z.ZodType): string | null {
  const { innerType } = (type as unknown as { def: { innerType?: z.ZodType } }).def;
  return type.description ?? (innerType === undefined ? null : descriptionOf(innerType));
}
