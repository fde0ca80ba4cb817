import { firstLineOf, SecretError } from '../ports/index.js';
import type { NatsPackages } from './nats-packages.js';
import { SendError } from './send-error.js';

/** Answers of JetStream by `err_code`. @see nats-io/nats-server server/errors.json */
const CODES = {
  notEnabledForAccount: 10_039,
  messageTooLarge: 10_054,
  wrongStream: 10_060,
  outOfRoom: new Set([10_023, 10_028, 10_047, 10_077]),
} as const;

/** Why there is no connection, or no stream at its end. */
export function connectFailureOf(error: unknown, { transport, jetstream }: NatsPackages): SendError {
  if (error instanceof SendError) return error;
  const { errors } = transport;
  const message = firstLineOf(error);
  const because = (failure: SendError['failure'], text: string) =>
    new SendError(failure, 'later', text, { cause: error });
  if (error instanceof SecretError) return because('misconfigured', message);
  if (error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError) {
    return because('misconfigured', `the broker refuses our credentials (${message}): check them, here and there`);
  }
  const forbidden = causeOf(error, errors.PermissionViolationError);
  if (forbidden !== null) return because('misconfigured', `the broker does not permit it: ${firstLineOf(forbidden)}`);
  const refusal = causeOf(error, jetstream.JetStreamApiError);
  if (causeOf(error, errors.NoRespondersError) !== null || refusal?.code === CODES.notEnabledForAccount) {
    return because('misconfigured', 'the broker has no JetStream, or not for this account: switch it on there');
  }
  if (refusal !== null) {
    return because(refusal.status >= 500 ? 'failing' : 'misconfigured', `JetStream refuses: ${firstLineOf(refusal)}`);
  }
  if (error instanceof errors.InvalidArgumentError) return because('misconfigured', message);
  if (causeOf(error, errors.TimeoutError) !== null) return because('timeout', 'the broker did not answer in time');
  return because('unreachable', `the broker is not reachable: ${message}`);
}

/** Why a message is not in the stream, or nobody says that it is. */
export function publishFailureOf(
  error: unknown,
  subject: string,
  timeoutMs: number,
  { transport, jetstream }: NatsPackages,
): SendError {
  const { errors } = transport;
  const because = (failure: SendError['failure'], text: string, remedy: SendError['remedy'] = 'later') =>
    new SendError(failure, remedy, text, { cause: error });
  if (causeOf(error, errors.TimeoutError) !== null) {
    return because('timeout', `the stream confirmed nothing within ${timeoutMs} ms`);
  }
  if (causeOf(error, errors.NoRespondersError) !== null) {
    return because('failing', `no stream takes ${subject} now: has it no leader, or other subjects?`);
  }
  const refusal = causeOf(error, jetstream.JetStreamApiError);
  if (refusal !== null) {
    const message = firstLineOf(refusal);
    if (refusal.code === CODES.messageTooLarge) return because('rejected', `the stream refuses: ${message}`, 'never');
    if (refusal.code === CODES.wrongStream)
      return because('misconfigured', `another stream takes ${subject}: ${message}`);
    if (CODES.outOfRoom.has(refusal.code)) return because('busy', `the stream is short of room: ${message}`);
    return because('failing', `the stream refuses: ${message}`);
  }
  const forbidden = causeOf(error, errors.PermissionViolationError);
  if (forbidden !== null) return because('misconfigured', `the broker does not permit it: ${firstLineOf(forbidden)}`);
  // The client knows the largest message that the server takes.
  const refused = causeOf(error, errors.InvalidArgumentError);
  if (refused !== null) return because('rejected', `the broker refuses: ${firstLineOf(refused)}`, 'never');
  return because('unreachable', `the connection to the broker broke: ${firstLineOf(error)}`);
}

/** The first of the error and its causes that is of this class: the client wraps what it throws, more or less deep. */
function causeOf<Found>(error: unknown, wanted: abstract new (...args: never[]) => Found): Found | null {
  let at = error;
  for (let depth = 0; depth < CAUSES_MAX_DEPTH && at instanceof Error; depth += 1) {
    if (at instanceof wanted) return at;
    at = at.cause;
  }
  return null;
}

const CAUSES_MAX_DEPTH = 5;
