import type { TracerProvider } from '@opentelemetry/api';
import { openTelemetry } from './packages.js';

let nowhere: TracerProvider | null = null;

/** Whether the process has a registered OpenTelemetry SDK, from whichever copy of the API. It may come at any time. */
export function hasTracerProvider(): boolean {
  const { ProxyTracerProvider, trace } = openTelemetry();
  const provider = trace.getTracerProvider();
  if (!(provider instanceof ProxyTracerProvider)) return true;
  // What the API hands out leads nowhere until somebody registers an SDK; where nowhere is, only another one can tell.
  nowhere ??= new ProxyTracerProvider().getDelegate();
  return provider.getDelegate() !== nowhere;
}
