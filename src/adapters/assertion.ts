import {
  type Assertion,
  type AssertionSource,
  type ClientAssertionProvider,
  type Clock,
  learnPassingSecret,
  SecretError,
  type SignedAssertion,
} from '../ports/index.js';
import { systemClock } from './system-clock.js';

const WHERE = 'the clientAssertionProvider';
// A signing service that hangs must not hold an attempt for ever.
const TIMEOUT_MS = 5_000;
// It becomes a member of a request's body; a JWT with a certificate chain in its header stays well below.
const LENGTH_LIMIT = 65_536;

/** The {@link AssertionSource} of a provider: with a deadline, and with every answer checked. */
export function assertionOf(
  provider: ClientAssertionProvider,
  timer: Clock['timer'] = systemClock.timer,
): AssertionSource {
  return (audience) =>
    new Promise((resolve, reject) => {
      const late = timer(TIMEOUT_MS, () => {
        reject(new SecretError(`${WHERE} did not answer within ${TIMEOUT_MS / 1_000} s; it is asked again`));
      });
      ask(provider, audience)
        .then(resolve, reject)
        .finally(() => late.cancel());
    });
}

async function ask(provider: ClientAssertionProvider, audience: string): Promise<Assertion> {
  let signed: SignedAssertion;
  try {
    signed = await provider.retrieveToken(audience);
  } catch (error) {
    // Not its message: what fails to sign likes to quote what it was signing.
    const name = error instanceof Error ? error.name : `a ${typeof error}`;
    throw new SecretError(`${WHERE} threw ${name}; call it by itself to see why`);
  }
  const value: unknown = signed?.value;
  if (typeof value !== 'string' || value.trim() === '') {
    throw new SecretError(`${WHERE} gave no assertion; it must return { value: string }`);
  }
  if (value.length > LENGTH_LIMIT) throw new SecretError(`${WHERE} gave more than ${LENGTH_LIMIT} characters`);
  learnPassingSecret(value);
  return { value, relayUrl: signed.targetInfo ? relayUrlOf(signed.targetInfo) : null };
}

/** An assertion is sent there as it is: only to an https host, and to no path but the one that was named. */
function relayUrlOf({ targetService, targetPrefix = '' }: NonNullable<SignedAssertion['targetInfo']>): string {
  const text = `${targetService}`.includes('://') ? targetService : `https://${targetService}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '') {
    throw new SecretError(`${WHERE} named a targetService that is no https host without credentials; mend it there`);
  }
  if (/(^|[/\\])\.\.?([/\\]|$)|[?#%\\\s]/.test(targetPrefix)) {
    throw new SecretError(`${WHERE} named a targetPrefix that is no plain path; write it as /prefix`);
  }
  return `https://${url.host}/${targetPrefix}`.replace(/([^:])\/{2,}/g, '$1/').replace(/\/+$/, '');
}
