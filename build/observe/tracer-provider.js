import { ProxyTracerProvider, trace } from '@opentelemetry/api';
// What the API hands out leads nowhere until somebody registers an SDK; where nowhere is, only another one can tell.
const NOWHERE = new ProxyTracerProvider().getDelegate();
/** Whether the process has a registered OpenTelemetry SDK, from whichever copy of the API. It may come at any time. */
export function hasTracerProvider() {
    const provider = trace.getTracerProvider();
    return !(provider instanceof ProxyTracerProvider) || provider.getDelegate() !== NOWHERE;
}
