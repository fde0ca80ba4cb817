import { resolve } from 'node:path';
import { z } from 'zod';
import { DAEMON_DEFAULTS } from './config-defaults.js';
import { type Environment, readEnvironment } from './config-environment.js';
import { CONTROL_SHAPE, HTTP_SHAPE, surfaceSettingsOf } from './config-surface.js';
import { type ListenAddress, parseListenAddress } from './listen-address.js';
import type { SurfaceSettings } from './surface-settings.js';

const SHAPE = z.object({
  listen: z.string().optional(),
  http: HTTP_SHAPE.optional(),
  control: CONTROL_SHAPE.optional(),
  journal: z.object({ directory: z.string() }).optional(),
});

/**
 * What the environment says of a daemon's surface, where no app is configured: enough to call the one that runs here.
 * Null if it says something that nothing could run with.
 */
export function environmentSurface(
  env: Environment,
  cwd: string,
): { readonly listen: ListenAddress; readonly surface: SurfaceSettings } | null {
  const values = [...readEnvironment(env).daemon].map(([key, { value }]) => [key, value]);
  const parsed = SHAPE.safeParse(Object.fromEntries(values));
  const listen = parseListenAddress(parsed.data?.listen ?? DAEMON_DEFAULTS.listen);
  if (!parsed.success || listen === null) return null;
  return { listen, surface: surfaceSettingsOf(parsed.data, env, (_path, value) => resolve(cwd, value)) };
}
