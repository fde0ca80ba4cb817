import type { Context, Span } from '@opentelemetry/api';
import { openTelemetry } from '../packages.js';

// Events are many, and what becomes of one is not known when its span starts. So that a sampler which wants all failures
// need not have everything recorded, an ack that it leaves out is offered to it again if it fails, with `error.type`
// among the attributes. A context key tells those who know of it; for any other sampler the two are spans like all.

// What the API's `createContextKey` would make.
const OFFER = Symbol.for('feishu-connector: offer of a span');

/** What a span is started in that is offered again, should it be left out and fail: a root. One serves all spans. */
export function firstOffer(): Context {
  return openTelemetry().ROOT_CONTEXT.setValue(OFFER, 'first');
}

/** What a span is started in that stands for one that was left out: a child of that one, for who knows no better. */
export function secondOffer(leftOut: Span): Context {
  const { ROOT_CONTEXT, trace } = openTelemetry();
  return trace.setSpan(ROOT_CONTEXT, leftOut).setValue(OFFER, 'second');
}

/** Whether a span that is started in this context may be left out, since it is offered again if it fails. */
export function isFirstOffer(context: Context): boolean {
  return context.getValue(OFFER) === 'first';
}

/** Whether a span that is started in this context stands for its parent, which was left out: the two are one. */
export function isSecondOffer(context: Context): boolean {
  return context.getValue(OFFER) === 'second';
}
