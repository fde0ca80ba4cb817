export { nearMiss } from '../ports/index.js';
export { createStdoutSink, lineOf, SinkClosedError, type StdoutSink } from '../sinks/index.js';
export { type AppConfig, type ConfigSources, type DaemonConfig, loadConfig } from './config.js';
export { DAEMON_DEFAULTS } from './config-defaults.js';
export { ENVIRONMENT, type Environment, type EnvironmentName, type Layer } from './config-environment.js';
export { ConfigError, type ConfigProblem } from './config-error.js';
export { ControlSocketError, holderOf, type SocketChoice, type SocketHolder, socketPathsOf } from './control-socket.js';
export { type Daemon, type DaemonParts, type Ending, startDaemon } from './daemon.js';
export { environmentSurface } from './environment-surface.js';
export { HandlerModuleError } from './handler-module.js';
export {
  type ControlSocket,
  type HttpSurface,
  ListenError,
  openControlSocket,
  openHttpSurface,
  type SurfaceOptions,
  type SurfaceView,
} from './http-surface.js';
export { letterSegment } from './letter-id.js';
export { formatListenAddress, isLoopback, type ListenAddress, parseListenAddress } from './listen-address.js';
export {
  type AppHistory,
  bytes,
  counted,
  type Panel,
  type PanelButton,
  type PastAttempt,
  type PastOutage,
  type RecordedApp,
  record,
  runsOf,
  STANDINGS,
  type Standing,
  trip,
  windowWords,
} from './page/index.js';
export {
  type AppReadiness,
  type AppView,
  type Liveness,
  livenessOf,
  type Phase,
  type Readiness,
  readinessOf,
  STALLED_AFTER_MS,
} from './readiness.js';
export type { AppConnector } from './running-app.js';
export type { ReloadSummary } from './running-apps.js';
export { declaredRoute, ROUTES } from './surface-routes.js';
export { type GivenSecret, OPEN_SURFACE, type SurfaceSettings, type TlsFiles } from './surface-settings.js';
export { FLUSH_DEADLINE_MS } from './telemetry.js';
export { TRACING_ENVIRONMENT, type TracingSettings } from './tracing-settings.js';
